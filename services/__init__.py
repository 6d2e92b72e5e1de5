"""Reference applications written on the runtime."""

"""The client in a few lines, sync and async."""

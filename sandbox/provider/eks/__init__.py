"""The stand-in for the `eks` package."""

"""The stand-in for the `kubernetes` package."""

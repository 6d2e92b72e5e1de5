"""Packages of the functions and canaries: the same bytes from the same sources."""

"""Checks of a resource's inputs before anything is planned."""

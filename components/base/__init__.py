"""Naming, ARNs, tags and IAM documents as pure functions, and the base class of a layer."""

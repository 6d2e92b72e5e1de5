"""A stand-in for DAX that `amazon-dax-client` talks to: discovery, item and query caches, write-through.

Transactions are refused by name.
"""

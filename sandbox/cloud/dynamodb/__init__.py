"""DynamoDB, as far as a client can tell: items, expressions, indexes, transactions, streams, TTL, PITR, global tables.

A process of its own. moto's DynamoDB copies every table for a transaction, runs requests on threads without isolation
and knows no replicas; here one thread serves one request at a time, so that each is atomic and its time exact.
"""

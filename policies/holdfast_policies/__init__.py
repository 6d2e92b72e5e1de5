"""Policies for DynamoDB applications, as importable rules."""

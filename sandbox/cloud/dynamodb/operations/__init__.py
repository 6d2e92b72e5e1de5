"""DynamoDB's operations, by their names."""

"""The code that rotates random secrets, shipped to AWS Lambda as one file."""

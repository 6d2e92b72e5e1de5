"""What botocore knows: credentials, endpoints, certificates and every operation that is not about items."""

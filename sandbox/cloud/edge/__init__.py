"""API Gateway and Lambda of one region, run for real: requests are checked, authorised and handed to the function."""

"""A laptop's AWS: for development, tests and pull requests, never for AWS itself."""

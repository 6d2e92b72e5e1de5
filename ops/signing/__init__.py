"""Signing of evidence, with a key of the sandbox's own or of AWS KMS; the public key alone verifies it."""

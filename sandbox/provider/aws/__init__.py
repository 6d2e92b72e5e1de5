"""The stand-in for the `aws` package: one module per service, and what holds for all of them."""

"""How a request reaches a region: each module offers one kind of sender."""

"""The AWS APIs of the sandbox: one moto server for all regions, in a process of its own."""

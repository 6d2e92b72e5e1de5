"""What is wanted of a stack, as typed plain data. Nothing here knows Pulumi."""

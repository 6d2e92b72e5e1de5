"""Setting an account up: the bootstrap program, its stack file, and the way its state takes into its own bucket."""

"""A running stack as an operator reaches it: its topology, and clients of its regions, in AWS or in the sandbox."""

"""One page for a stack: what stands where, what is wrong with it, what it costs, and what was practised."""

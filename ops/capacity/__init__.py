"""Which capacity mode a table should have, from what it really consumed, and what is left when a region is lost."""

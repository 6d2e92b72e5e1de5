"""The reference application: orders in a global table, one process per region."""

"""What is true of AWS, as data and pure functions."""

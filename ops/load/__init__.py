"""Load on the orders service, the history of what clients saw, and the figures that follow from it."""

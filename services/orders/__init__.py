"""The orders service of the reference architecture."""

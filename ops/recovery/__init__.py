"""Backups and restores of tables, and the proof that a restore holds what the table held."""

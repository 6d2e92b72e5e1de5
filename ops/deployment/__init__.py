"""Bringing a stack up, previewing it and taking it down: the program, its packs and an engine, put together."""

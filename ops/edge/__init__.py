"""The edge of a stack in the sandbox: what is served, who may ask, and the proof over names."""

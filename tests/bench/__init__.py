"""How fast, measured: `python -m tests.bench`."""

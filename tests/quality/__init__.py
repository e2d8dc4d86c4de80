"""What the judge is worth, measured: `python -m tests.quality`."""

"""The things Vigil speaks of, as frozen values and named numbers; no reading, no deciding."""

"""Regions of a screen, one file a region: its layout, its ids, its callbacks."""

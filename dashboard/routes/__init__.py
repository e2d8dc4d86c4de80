"""Doors that are not Dash callbacks, one file a door."""

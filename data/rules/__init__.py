"""Decisions: values in, values out, the moment is an argument; no IO of any kind."""

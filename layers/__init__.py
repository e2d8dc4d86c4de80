"""What can be drawn on a map, a file for each layer: its query, style, and who may see what."""

"""What can be drawn on a map, one file a layer: its query, its style, and who may see what of it."""

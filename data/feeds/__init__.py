"""From the wire to records: one protocol a file, pure, unknown to each other."""

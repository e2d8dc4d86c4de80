"""From the wire to fixes: pure decoders, one a protocol, that do not know each other."""

"""The demo world: streets, people with routines, named scenarios; it enters by the devices' door."""

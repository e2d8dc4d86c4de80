"""Screens, sessions and sockets: what people see of Vigil, and the doors devices knock at."""

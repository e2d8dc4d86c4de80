"""The demo's world: a real city's streets, invented people on them, and what happens to them.

It is told by one seed, and it enters Vigil by the same door as real devices.
"""

from data.demo.settlement import settle

__all__ = ["settle"]

"""Everything about Vigil that is true without a screen."""

"""Whole screens, one file a screen, each put together from panels."""

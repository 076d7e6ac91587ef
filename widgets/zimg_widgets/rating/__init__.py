"""Blind rating of pictures."""

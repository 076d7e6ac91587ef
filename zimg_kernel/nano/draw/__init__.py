"""Painting of scenes with torch."""

"""Mask painter."""

"""Prompt field with findings of the linter."""

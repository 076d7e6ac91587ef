"""Heading that opens and closes what follows it."""

"""Strip of results."""

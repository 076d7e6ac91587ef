"""Before/after slider."""

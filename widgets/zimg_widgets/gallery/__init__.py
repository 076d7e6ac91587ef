"""Gallery browser."""

"""Form of generation parameters."""

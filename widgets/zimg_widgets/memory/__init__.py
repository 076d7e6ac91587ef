"""Memory bar."""

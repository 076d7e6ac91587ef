"""List of queued and interrupted requests."""

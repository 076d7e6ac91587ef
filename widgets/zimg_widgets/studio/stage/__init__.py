"""Preview, progress and finished picture."""

"""Judges of a benchmark's pictures: lettering, likeness, prompt suites and people."""

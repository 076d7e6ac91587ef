"""Prompt enhancer: sources, checks, candidates."""

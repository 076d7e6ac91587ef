"""Evaluation of the miniatures."""

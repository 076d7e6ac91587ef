"""Prompts as text: checking what a prompt says before it is drawn. Imports no torch."""

from .checker import fix, lint
from .finding import Edit, Finding, Findings
from .rules import RULES

__all__ = ["RULES", "Edit", "Finding", "Findings", "fix", "lint"]

"""Prompt linter: rules, findings, safe fixes."""

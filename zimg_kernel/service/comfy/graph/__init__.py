"""Graphs of nodes: what a node is, the registry, validation, execution, caching."""

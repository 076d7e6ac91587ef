"""Nodes of the Z-Image workflows: values that describe, and a sampler that draws them."""

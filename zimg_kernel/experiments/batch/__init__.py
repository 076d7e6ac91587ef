"""Batches: many requests on one engine, with a manifest."""

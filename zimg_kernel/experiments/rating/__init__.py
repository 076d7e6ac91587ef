"""Ratings of pictures by people: storage and agreement."""

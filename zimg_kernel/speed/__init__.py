"""Speed: faster and smaller ways to run a model's parts."""

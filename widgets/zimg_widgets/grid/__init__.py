"""Table of pictures."""

"""Split: one picture computed by two cards, each with half of its tokens."""

"""Split: one picture computed by two cards, each with half of the heads and of the feed-forward."""

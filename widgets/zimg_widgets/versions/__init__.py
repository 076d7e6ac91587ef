"""Tree of a picture's versions."""

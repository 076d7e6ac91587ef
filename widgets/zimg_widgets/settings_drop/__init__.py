"""Drop area that reads parameters from a picture file."""

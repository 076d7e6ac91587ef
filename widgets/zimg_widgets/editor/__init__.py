"""Editor of pictures: repaint, instruct, extend, vary, enlarge."""

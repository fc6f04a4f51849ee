"""What the answer would have been, had image and contour been a little different."""

"""Wrong but plausible inputs, each made from a real CT with its real contour, and what is shown of each."""

"""Grids that features are computed on, and images interpolated onto them."""

"""The filtered images of a plan: pyradiomics' filters, and how far around a voxel any filter reads."""

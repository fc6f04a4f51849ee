"""From an image and a contour, in files or nodes, to a checked volume of interest (VOI) on the image's grid."""

from .grid import Grid
from .images import read_acquired, read_image
from .segments import read_mask, read_segments
from .voi import Voi, VoiStatistics, make_voi

__all__ = ["Grid", "Voi", "VoiStatistics", "make_voi", "read_acquired", "read_image", "read_mask", "read_segments"]

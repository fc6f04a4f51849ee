"""The IBSI's response maps: an image under each of the convolutional filters that a protocol may name."""

from .maps import response_map
from .reach import reach_voxels

__all__ = ["reach_voxels", "response_map"]

"""The IBSI's response maps: an image under each of the convolutional filters that a protocol may name."""

from .maps import response_inside, response_map

__all__ = ["response_inside", "response_map"]

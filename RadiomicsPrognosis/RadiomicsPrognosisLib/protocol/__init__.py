"""A protocol says how features are made from an image and a VOI: TOML, checked when read, identified by its hash."""

from .protocol import MINIMUM_VOXELS, Protocol
from .protocol_file import load_protocol, parse_protocol
from .settings import Resampling, Wavelet

__all__ = ["MINIMUM_VOXELS", "Protocol", "Resampling", "Wavelet", "load_protocol", "parse_protocol"]

"""A protocol says how features are made from an image and a VOI: TOML, checked when read, identified by its hash."""

from .protocol import MINIMUM_VOXELS, Protocol
from .protocol_file import load_protocol, parse_protocol
from .settings import Aggregation, Resampling, VolumeHistogram, Wavelet

__all__ = ["MINIMUM_VOXELS", "Aggregation", "Protocol", "Resampling", "VolumeHistogram", "Wavelet", "load_protocol",
           "parse_protocol"]

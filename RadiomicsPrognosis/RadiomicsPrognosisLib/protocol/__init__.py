"""A protocol says how features are made from an image and a VOI: TOML, checked when read, identified by its hash."""

from .filters import (
    Filter,
    GaborFilter,
    GaussianLaplacian,
    LawsFilter,
    MeanFilter,
    SeparableWavelet,
    SimoncelliWavelet,
    filter_of,
)
from .protocol import MINIMUM_VOXELS, Protocol
from .protocol_file import load_protocol, parse_protocol
from .settings import Resampling, Wavelet

__all__ = ["MINIMUM_VOXELS", "Filter", "GaborFilter", "GaussianLaplacian", "LawsFilter", "MeanFilter", "Protocol",
           "Resampling", "SeparableWavelet", "SimoncelliWavelet", "Wavelet", "filter_of", "load_protocol",
           "parse_protocol"]

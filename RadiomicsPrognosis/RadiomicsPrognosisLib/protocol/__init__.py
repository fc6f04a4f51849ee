"""A protocol says how features are made from an image and a VOI: TOML, checked when read, identified by its hash."""

from .deep import Deep, deep_of
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
from .settings import Aggregation, Resampling, VolumeHistogram, Wavelet

__all__ = ["MINIMUM_VOXELS", "Aggregation", "Deep", "Filter", "GaborFilter", "GaussianLaplacian", "LawsFilter",
           "MeanFilter", "Protocol", "Resampling", "SeparableWavelet", "SimoncelliWavelet", "VolumeHistogram",
           "Wavelet", "deep_of", "filter_of", "load_protocol", "parse_protocol"]

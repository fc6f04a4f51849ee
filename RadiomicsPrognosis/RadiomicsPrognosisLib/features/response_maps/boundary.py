"""What an image is beyond its border, in scipy's and numpy's words.

Reference: IBSI reference manual (arXiv:2006.05470), boundary conditions.
"""

from __future__ import annotations

from typing import Literal

_Scipy = Literal["constant", "nearest", "wrap", "reflect"]
_Numpy = Literal["constant", "edge", "wrap", "symmetric"]

#: By the protocol's word: the ``mode`` of scipy.ndimage. The IBSI mirrors the voxel at the border too: c b a | a b c.
SCIPY_MODE: dict[str, _Scipy] = {"zero": "constant", "nearest": "nearest", "periodic": "wrap", "mirror": "reflect"}

#: The same as the ``mode`` of numpy.pad.
NUMPY_MODE: dict[str, _Numpy] = {"zero": "constant", "nearest": "edge", "periodic": "wrap", "mirror": "symmetric"}

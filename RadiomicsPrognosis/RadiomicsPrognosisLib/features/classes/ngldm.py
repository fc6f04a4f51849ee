"""What the IBSI has of the neighbouring grey level dependence matrix and pyradiomics' ``gldm`` has not.

Reference: Sun and Wee, Comput Vis Graph Image Process 1983; IBSI reference manual, section 3.11.
"""

from __future__ import annotations

import numpy as np

from ...catalogue import Direction
from ..matrices.dependence import dependences
from ..matrices.sizes import SizeMatrix, values_of
from ..region import Region


def _energy(matrix: SizeMatrix) -> np.ndarray:
    """Return the sum of squared shares of voxels by level and dependence."""
    return np.asarray((matrix.counts**2).sum((1, 2)) / matrix.total**2)


def compute(region: Region, features: tuple[str, ...], direction: Direction | None = None) -> dict[str, float]:
    """Return ``features`` by name; the class has no ``direction``."""
    voxels = int(region.mask.sum())
    definitions = {
        "GrayLevelNonUniformityNormalized": SizeMatrix.level_non_uniformity_normalised,
        "DependencePercentage": lambda matrix: matrix.total / voxels,
        "DependenceEnergy": _energy,
    }
    return values_of(dependences(region.lattice, region.offsets()), definitions, features)

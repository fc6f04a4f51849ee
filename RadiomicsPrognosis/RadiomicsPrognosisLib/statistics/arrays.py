"""The kinds of arrays that the statistics compute with; callers may hand in whatever numpy turns into one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.signedinteger]
Mask = NDArray[np.bool_]

"""How long the network's process may take for a patch, and how much memory it may have."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

from ...errors import BackboneFailed

#: Environment variables that move the limits: seconds, and GB.
SECONDS_VARIABLE, MEMORY_VARIABLE = "RADIOMICS_PROGNOSIS_BACKBONE_S", "RADIOMICS_PROGNOSIS_BACKBONE_GB"


@dataclass(frozen=True)
class Limits:
    """``seconds`` that starting, loading and running may take each, and the ``gigabytes`` (2^30 bytes) of memory."""

    seconds: float = 120.0
    gigabytes: float = 6.0

    @classmethod
    def of_environment(cls) -> Limits:
        """Return the limits that the environment sets, or the usual ones. Raises BackboneFailed for no number."""
        return cls(_number(SECONDS_VARIABLE, cls.seconds), _number(MEMORY_VARIABLE, cls.gigabytes))


def _number(variable: str, default: float) -> float:
    text = os.environ.get(variable, "")
    try:
        value = float(text) if text else default
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise BackboneFailed(f"The environment variable {variable} is '{text[:40]}'; give a number above 0.")
    return value


def out_of_memory(name: str) -> BackboneFailed:
    """Return the error of a network, by its file's ``name``, that needs more memory than it may have."""
    return BackboneFailed(f"Backbone '{name}' needs more memory than it may have; take a smaller network or patch, or "
                          f"set {MEMORY_VARIABLE} higher.")

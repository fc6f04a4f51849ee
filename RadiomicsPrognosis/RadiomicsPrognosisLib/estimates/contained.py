"""A call into lifelines that leaves the process as it was: no warning on the screen, numpy's error handling intact."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def contained() -> Iterator[list[warnings.WarningMessage]]:
    """Collect the warnings given inside instead of printing them, and undo changes to numpy's error handling.

    KaplanMeierFitter calls ``np.seterr``, which would silence divisions by 0 in the whole process from then on.
    """
    with np.errstate(all="ignore"), warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        yield given

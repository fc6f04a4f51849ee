"""What the caller's thread does the first time it reads and scores a case, done before on next to nothing.

Libraries load and set up on first use (SimpleITK's threads, package metadata, numpy's linear algebra); taken in small
steps while the worker starts, none of it stands between the first contour and its result.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import numpy as np
import SimpleITK as sitk

from ..prediction.predict import software_versions
from ..protocol import Protocol, Resampling
from ..voi import make_voi
from ..worker.jobs import encode_jobs, make_job
from .errand import Errand


def rehearse() -> Iterator[None]:
    """Take a small volume through the caller's steps, one with each value asked for.

    scipy.special, which the draws behind intervals need, is imported by a thread: that takes up to a second.
    """
    Errand(lambda: import_module("scipy.special"))
    yield
    protocol = Protocol(id="rehearsal", title="", modality="CT", feature_classes=("firstorder",), bin_width=25.0,
                        resampling=Resampling(spacing=(1.5, 1.5, 1.5)))
    values = np.arange(12**3, dtype=np.int16).reshape(12, 12, 12)
    mask = np.zeros(values.shape, np.uint8)
    mask[3:-3, 3:-3, 3:-3] = 1
    voi = make_voi(sitk.GetImageFromArray(values), sitk.GetImageFromArray(mask), protocol)
    yield
    job = make_job(voi, protocol, ("original_firstorder_Mean",))
    yield
    encode_jobs({job.key(): job})
    yield
    software_versions()
    yield

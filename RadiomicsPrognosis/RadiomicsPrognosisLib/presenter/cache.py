"""Features already extracted, found again by the content they were extracted from."""

from __future__ import annotations

from collections import OrderedDict

from ..features.extraction import FeatureSet


class FeatureCache:
    """The features of the latest jobs by :meth:`Job.key`; undo, a covariate or a cut-off then costs no extraction."""

    def __init__(self, size: int = 64):
        self._size = size
        self._kept: OrderedDict[str, FeatureSet] = OrderedDict()

    def get(self, key: str) -> FeatureSet | None:
        """Return the features of ``key``, or None."""
        features = self._kept.get(key)
        if features is not None:
            self._kept.move_to_end(key)
        return features

    def put(self, key: str, features: FeatureSet) -> None:
        """Keep ``features``, dropping the ones unused for longest."""
        self._kept[key] = features
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

"""The blocks of images that the worker has been sent, for as long as the newest job needs them."""

from __future__ import annotations

import SimpleITK as sitk

from ..features.neighbourhood import Neighbourhood
from ..processes.messages import Arrays
from ..voi.grid import Grid


class Blocks:
    """The blocks that the jobs of the moment need, each made an image once, with the neighbourhood kept of it."""

    def __init__(self) -> None:
        self._arrays: Arrays = {}
        self._images: dict[str, tuple[sitk.Image, Neighbourhood]] = {}

    def replace(self, arrays: Arrays) -> None:
        """Hold these blocks (k, j, i) by their content's hash; let go of all others and of what was kept of them."""
        self._arrays = arrays
        self._images = {block: kept for block, kept in self._images.items() if block in arrays}

    def image(self, block: str, grid: Grid) -> sitk.Image:
        """Return a block as an image on its ``grid``, the same object for as long as the block is held.

        Raises KeyError for a block that is not.
        """
        if block not in self._images:
            self._images[block] = grid.image(self._arrays[block]), Neighbourhood()
        return self._images[block][0]

    def neighbourhood(self, image: sitk.Image) -> Neighbourhood | None:
        """Return what is kept of an ``image`` that :meth:`image` gave; None for any other."""
        return next((kept for block, kept in self._images.values() if block is image), None)

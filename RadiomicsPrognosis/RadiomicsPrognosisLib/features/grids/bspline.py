"""ITK's cubic B-spline in numpy, to the last bit where that decides a value, at a fraction of ITK's time.

ITK reads 64 coefficients for every point. The points of a lattice parallel to the image's axes need three products
along one axis each, of 4 coefficients a point. Coefficients come from the recursive filter of Unser (IEEE Signal
Processing Magazine 1999;16:22-38), in the order of operations of ``itk::BSplineDecompositionImageFilter``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...voi.grid import Index

#: The pole of the cubic spline's filter, by which its memory fades per voxel.
_POLE = math.sqrt(3.0) - 2.0

#: ITK starts the recursion with as many voxels as keep it within this tolerance.
_HORIZON = math.ceil(math.log(1e-10) / math.log(-_POLE))

#: Voxels beyond those wanted from which on coefficients are those of the whole image. What a border adds fades to
#: 0.268^40 = 1e-23 of it, below the last bit of a float64 (1e-16), so that the recursions' values are the same numbers.
MARGIN = 40


@dataclass(frozen=True)
class CubicSpline:
    """The spline through an image of ``size`` (i, j, k) voxels, mirrored at its border as ITK has it.

    ``coefficients`` are float64 (k, j, i) of the box from voxel ``first`` (i, j, k): points may be asked for whose four
    coefficients along each axis lie in that box.
    """

    coefficients: np.ndarray
    first: Index
    size: Index

    def on_lattice(self, axes: Sequence[np.ndarray]) -> np.ndarray:
        """Return float64 (k, j, i) at the points whose voxel indices along i, j, k are ``axes``, each (n,)."""
        values = self.coefficients
        for axis in (0, 1, 2):
            values = along_axis(values, 2 - axis, *self.taps(axes[axis], axis))
        return values

    def at(self, points: Sequence[np.ndarray]) -> np.ndarray:
        """Return float64 (n,) at ``points``, voxel indices (n,) along i, j, k, in ITK's order of operations.

        Every sum and product is the one of ``itk::BSplineInterpolateImageFunction``, so that a value that should be a
        whole number comes out on the same side of it.
        """
        (i, i_weights), (j, j_weights), (k, k_weights) = (self.taps(points[axis], axis) for axis in (0, 1, 2))
        values = np.zeros(points[0].shape)
        for z, z_weight in zip(k, k_weights, strict=True):
            for y, y_weight in zip(j, j_weights, strict=True):
                for x, x_weight in zip(i, i_weights, strict=True):
                    values += x_weight * y_weight * z_weight * self.coefficients[z, y, x]
        return values

    def taps(self, at: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
        """Return indices into the coefficients and weights, both (4, n), of voxel indices ``at`` (n,) along an axis."""
        first = np.floor(at.astype(np.float32)).astype(np.float64)  # ITK's DetermineRegionOfSupport rounds to 32 bits
        indices = first.astype(np.int64) + np.arange(-1, 3)[:, np.newaxis]
        last = self.size[axis] - 1
        mirrored = np.abs(np.where(indices > last, 2 * last - indices, indices)) if last else np.zeros_like(indices)
        return mirrored - self.first[axis], _weights(at - first)


def _weights(share: np.ndarray) -> np.ndarray:
    """Return the four weights (4, n) of points that lie ``share`` (n,) of a voxel beyond the second coefficient."""
    last = (1.0 / 6.0) * share * share * share
    first = (1.0 / 6.0) + 0.5 * share * (share - 1.0) - last
    third = share + first - 2.0 * last
    return np.stack([first, 1.0 - first - third - last, third, last])


def along_axis(values: np.ndarray, axis: int, indices: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return ``values`` with one axis replaced by points, each the sum of its ``indices`` times ``weights``.

    Term by term, both (taps, n): whatever else is computed along with it, a point's value is the same to the last bit.
    """
    along = [1, 1, 1]
    along[axis] = -1
    total: np.ndarray = values.take(indices[0], axis) * weights[0].reshape(along)
    for taps, weight in zip(indices[1:], weights[1:], strict=True):
        total += values.take(taps, axis) * weight.reshape(along)
    return total


def spline_of(values: np.ndarray, start: Index, size: Index, box: tuple[Index, Index],
              margin: int) -> CubicSpline:
    """Return the spline of an image of which ``values`` (k, j, i) are the voxels from ``start`` (i, j, k).

    ``box`` (first, last) holds the voxels whose coefficients are wanted, from samples ``margin`` voxels beyond it as
    far as ``values`` reach: with :data:`MARGIN` voxels, or up to where the image ends, those of the whole image.

    In a constant region a recursion may swing between two neighbouring numbers for ever. It is begun an even number of
    voxels from the image's border, so that it swings in step with the whole image's in air that reaches that border;
    that of a constant region which begins further inside, more than ``margin`` voxels before, may be out of step.
    """
    reads, inner = [], []
    for first, last, begin, length, whole in zip(*box, start, values.shape[::-1], size, strict=True):
        low, end = max(first - margin, begin), min(last + 1 + margin, begin + length)
        low, end = low + low % 2, end - (whole - end) % 2
        reads.append(slice(low - begin, end - begin))
        inner.append(slice(first - low, last + 1 - low))
    # One axis after the other stands first, in ITK's order; what is no longer needed of it is left out.
    planes = values[reads[2], reads[1], reads[0]]
    lines = np.empty((planes.shape[2], planes.shape[0], planes.shape[1]))
    for number, plane in enumerate(planes):  # a plane fits into the processor's cache, where turning it is fast
        lines[:, number] = plane.T
    _filter(lines)
    lines = np.array(lines[inner[0]].transpose(2, 1, 0), order="C")
    _filter(lines)
    lines = np.array(lines[inner[1]].transpose(1, 0, 2), order="C")
    _filter(lines)
    return CubicSpline(lines[inner[2]], box[0], size)


def _filter(lines: np.ndarray) -> None:
    """Turn samples into coefficients along the first axis of a float64 array, in place, as ITK's DataToCoefficients1D
    does."""
    count = len(lines)
    if count == 1:
        return
    lines *= (1.0 - _POLE) * (1.0 - 1.0 / _POLE)
    lines[0] = _start(lines)
    for n in range(1, count):
        lines[n] += _POLE * lines[n - 1]
    lines[-1] = (_POLE / (_POLE * _POLE - 1.0)) * (_POLE * lines[-2] + lines[-1])
    for n in range(count - 2, -1, -1):
        np.subtract(lines[n + 1], lines[n], out=lines[n])
        lines[n] *= _POLE


def _start(lines: np.ndarray) -> np.ndarray:
    """Return the first value of the rising recursion: the samples, mirrored at the border, weighted by the pole."""
    count, power = len(lines), _POLE
    if count > _HORIZON:
        total: np.ndarray = lines[0].copy()
        for n in range(1, _HORIZON):
            total += power * lines[n]
            power *= _POLE
        return total
    inverse, back = 1.0 / _POLE, _POLE ** (count - 1)
    total = lines[0] + back * lines[-1]
    back *= back * inverse
    for n in range(1, count - 1):
        total += (power + back) * lines[n]
        power *= _POLE
        back *= inverse
    total /= 1.0 - power * power
    return total

"""Whether the slices of a DICOM series form one volume: where each lies is checked before any voxel is read.

A reader that stacks slices gives every voxel the place of a regular grid. With a slice missing, doubled or tilted, that
grid is not where the voxels were acquired, and distances, volumes and textures are wrong without a word.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ..errors import SeriesError
from ..statistics.arrays import Floats
from . import tags as dicom
from .headers import Header, is_localiser
from .tags import number, numbers, text

#: Share of the usual distance by which that of two slices, or the shift of one in its plane, may differ.
EVEN = 0.01

#: Rounding of positions (mm): headers carry two decimals or more, and a distance comes from two of them.
ROUNDING_MM = 0.011

#: Largest difference of direction cosines, and of pixel spacings (share), that rounding leaves.
_COSINES, _SPACINGS = 1e-4, 1e-3

#: Angles below this (degrees) are no gantry tilt.
_TILT = 0.5

#: Faults listed in a message; of more, only how many there are.
_LISTED = 3


def in_order(headers: Sequence[Header], name: str) -> tuple[Header, ...]:
    """Return single-frame slices in their order along the normal, if they form one evenly spaced volume.

    ``name`` names the series in errors. Raises SeriesError, with the positions around the fault, for slices of several
    sizes, spacings, orientations or frames of reference, doubled or missing slices, uneven distances and gantry tilt.
    """
    positions, cosines = _placed(headers, name)
    _one(headers, name, "SeriesInstanceUID", lambda item: text(item.tags, dicom.SERIES_UID))
    _one(headers, name, "modality", lambda item: text(item.tags, dicom.MODALITY))
    _one(headers, name, "frame of reference", lambda item: text(item.tags, dicom.FRAME_OF_REFERENCE_UID))
    _one(headers, name, "size (columns x rows)", _size)
    _check_cosines(headers, cosines, name)
    _check_pixels(headers, name)
    _one(headers, name, "slice thickness (mm)", _thickness)
    if len(headers) < 2:
        raise SeriesError(f"{name} has a single slice, and a contour needs a volume; export the whole series.")
    normal = np.cross(cosines[0, :3], cosines[0, 3:])
    order = np.argsort(positions @ normal, kind="stable")
    ordered = tuple(headers[index] for index in order)
    depths = (positions @ normal)[order]
    _check_doubled(ordered, depths, name)
    _check_even(depths, name)
    _check_straight(ordered, positions[order], normal, name)
    return ordered


def _placed(headers: Sequence[Header], name: str) -> tuple[Floats, Floats]:
    """Return position (n, 3; LPS mm) and direction cosines (n, 6) of each slice."""
    rows = [(numbers(item.tags, dicom.POSITION), numbers(item.tags, dicom.ORIENTATION)) for item in headers]
    for header, (position, orientation) in zip(headers, rows, strict=True):
        if len(position) != 3 or len(orientation) != 6:
            raise SeriesError(f"{name}: '{header.name}' does not state where its slice lies (ImagePositionPatient, "
                              "ImageOrientationPatient); only slices with a position form a volume.")
    cosines = np.array([row[1] for row in rows])
    lengths = np.linalg.norm(cosines.reshape(-1, 2, 3), axis=2)
    across = np.abs(np.sum(cosines[:, :3] * cosines[:, 3:], axis=1))
    if np.abs(lengths - 1).max() > 1e-2 or across.max() > 1e-2:
        raise SeriesError(f"{name}: ImageOrientationPatient does not hold two directions at right angles; the header "
                          "is damaged: export the series again.")
    return np.array([row[0] for row in rows]), cosines


def _size(header: Header) -> str:
    return f"{text(header.tags, dicom.COLUMNS)} x {text(header.tags, dicom.ROWS)}"


def _thickness(header: Header) -> str:
    value = number(header.tags, dicom.SLICE_THICKNESS)
    return "" if value is None else f"{value:.3g}"


def _one(headers: Sequence[Header], name: str, what: str, value: Callable[[Header], str]) -> None:
    """Raise SeriesError where slices differ in what ``value`` gives of them."""
    counts: dict[str, int] = {}
    for header in headers:
        counts[value(header)] = counts.get(value(header), 0) + 1
    if len(counts) > 1:
        raise SeriesError(f"{name} is no single volume: its slices differ in {what}: {_counted(counts)}; give each "
                          "volume a folder of its own.")


def _counted(counts: dict[str, int]) -> str:
    listed = [f"{value or 'not stated'} in {count}" for value, count in sorted(counts.items())]
    rest = f" and {len(listed) - 2 * _LISTED} more" if len(listed) > 2 * _LISTED else ""
    return ", ".join(listed[:2 * _LISTED]) + rest


def _check_cosines(headers: Sequence[Header], cosines: Floats, name: str) -> None:
    alike = np.abs(cosines - cosines[0]).max(axis=1) <= _COSINES
    if alike.all():
        return
    if all(is_localiser(item) for item in headers) or len(headers) <= 3:
        raise SeriesError(f"{name} is a localiser: {len(headers)} images in crossing directions for planning a scan, "
                          "no volume; give the series that was planned with it.")
    raise SeriesError(f"{name} holds slices of several orientations: {int(alike.sum())} lie as the first, "
                      f"{int((~alike).sum())} do not ('{headers[int(np.argmin(alike))].name}' for one); give the "
                      "slices of one orientation alone.")


def _check_pixels(headers: Sequence[Header], name: str) -> None:
    """Raise SeriesError unless every slice states the same positive pixel spacing."""
    rows = []
    for header in headers:
        spacing = numbers(header.tags, dicom.PIXEL_SPACING)
        if len(spacing) != 2 or min(spacing) <= 0:
            stated = text(header.tags, dicom.PIXEL_SPACING).replace("\\", " x ") or "not stated"
            raise SeriesError(f"{name}: the PixelSpacing of '{header.name}' is {stated}, so no length, volume or "
                              "texture can be measured; export the series again from the scanner or PACS.")
        rows.append(spacing)
    spacings = np.array(rows)
    if (np.abs(spacings - spacings[0]) > _SPACINGS * spacings[0]).any():
        _one(headers, name, "PixelSpacing (mm)", lambda item: text(item.tags, dicom.PIXEL_SPACING).replace("\\", " x "))


def _check_doubled(headers: Sequence[Header], depths: Floats, name: str) -> None:
    """Raise SeriesError for slices in one place, with what tells their images from one another."""
    steps = np.diff(depths)
    usual = float(np.median(steps[steps > ROUNDING_MM])) if (steps > ROUNDING_MM).any() else 0.0
    doubled = np.flatnonzero(steps <= max(EVEN * usual, 1e-3))
    if len(doubled) == 0:
        return
    where = ", ".join(f"{depths[index]:.2f} mm" for index in doubled[:_LISTED])
    first = f"'{headers[doubled[0]].name}' and '{headers[doubled[0] + 1].name}'"
    raise SeriesError(f"{name} has more than one slice at {len(doubled)} positions along its normal ({where}; {first})"
                      f"{_explained(headers, doubled)}.", tuple(depths[doubled].tolist()))


def _explained(headers: Sequence[Header], doubled: np.ndarray) -> str:
    """Return why slices lie in one place and what to do about it."""
    for what, tag in (("acquisition", dicom.ACQUISITION_NUMBER), ("temporal position", dicom.TEMPORAL_POSITION)):
        counts: dict[str, int] = {}
        for header in headers:
            value = text(header.tags, tag)
            counts[value] = counts.get(value, 0) + 1
        differing = sum(text(headers[index].tags, tag) != text(headers[index + 1].tags, tag) for index in doubled)
        if len(counts) > 1 and differing == len(doubled):
            listed = ", ".join(f"{value or 'not stated'} with {count}" for value, count in sorted(counts.items()))
            return (f": it holds several {what}s of one place ({what} {listed} slices); put the slices of one into a "
                    "folder of its own")
    uids = [text(header.tags, dicom.SOP_INSTANCE_UID) for header in headers]
    same = all(uids[index] == uids[index + 1] for index in doubled)
    return (": the same image lies there twice under two names; remove one of them" if same else
            ": two images of one place are no volume; give those of one reconstruction alone")


def _check_even(depths: Floats, name: str) -> None:
    """Raise SeriesError where two neighbouring slices are not as far apart as the others."""
    steps = np.diff(depths)
    usual = float(np.median(steps))
    uneven = np.flatnonzero(np.abs(steps - usual) > max(EVEN * usual, ROUNDING_MM))
    if len(uneven) == 0:
        return
    places = "; ".join(f"{depths[index]:.2f} and {depths[index + 1]:.2f} mm ({steps[index]:.2f} mm)"
                       for index in uneven[:_LISTED])
    rest = f"; and {len(uneven) - _LISTED} more places" if len(uneven) > _LISTED else ""
    multiples = steps[uneven] / usual
    missing = np.rint(multiples) - 1
    whole = (np.abs(multiples - np.rint(multiples)) < 0.05).all() and (missing >= 1).all()
    why = (f"{int(missing.sum())} slice{'s are' if missing.sum() > 1 else ' is'} missing there; export the whole "
           "series again" if whole else "it is no evenly spaced volume; give a series with one spacing")
    raise SeriesError(f"{name} has neighbouring slices that are not {usual:.2f} mm apart as the others are: at {places}"
                      f"{rest} along its normal. {why[0].upper()}{why[1:]}.",
                      tuple(float(value) for index in uneven for value in depths[index:index + 2]))


def _check_straight(headers: Sequence[Header], positions: Floats, normal: Floats, name: str) -> None:
    """Raise SeriesError where slices are shifted against each other in their plane, or said to be tilted."""
    offsets = np.diff(positions, axis=0)
    along = offsets @ normal
    shifts = np.linalg.norm(offsets - along[:, np.newaxis] * normal, axis=1)
    whole = positions[-1] - positions[0]
    depth = float(whole @ normal)
    lean = math.degrees(math.atan2(float(np.linalg.norm(whole - depth * normal)), depth))
    # Rounded headers shift a slice to and fro, a tilt each in the same direction.
    if (shifts > np.maximum(EVEN * along, 2 * ROUNDING_MM)).any() or lean > _TILT:
        raise SeriesError(f"{name}: its slices are shifted against each other (by {lean:.1f} degrees off their normal, "
                          "as by a tilted gantry), so they form no rectangular volume; resample it to one, or give "
                          "another reconstruction.", tuple((positions @ normal)[:2].tolist()))
    tilt = max((abs(number(item.tags, dicom.GANTRY_TILT) or 0.0) for item in headers), default=0.0)
    leaning = math.degrees(math.acos(min(abs(float(normal[2])), 1.0)))
    if tilt >= _TILT and abs(leaning - tilt) > 1.0 and not _derived(headers):
        raise SeriesError(f"{name} states a gantry tilt of {tilt:g} degrees (GantryDetectorTilt), but its slices lie "
                          f"{leaning:.1f} degrees off the axial plane: one of the two is wrong. Resample the series to "
                          "a rectangular volume, or give another reconstruction.")


def _derived(headers: Iterable[Header]) -> bool:
    """Whether the images were computed from others, as a reformatted series is: the tilt is that of the others."""
    return all(text(item.tags, dicom.IMAGE_TYPE).upper().startswith("DERIVED") for item in headers)

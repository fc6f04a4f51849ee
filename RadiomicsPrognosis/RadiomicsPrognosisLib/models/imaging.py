"""How the images that a model was made on were acquired, as its source reports it."""

from __future__ import annotations

from dataclasses import dataclass

from ..contract import entry

#: Modalities (DICOM 0008,0060) of the images that models are made on.
MODALITIES = ("CT", "MR", "PT")

#: A closed range of numbers; None leaves an end open.
Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, kw_only=True)
class Imaging:
    """The acquisition of a model's images; what its source does not report is absent.

    ``contrast`` tells whether a contrast agent was given (``contrast_disputed``: the source also says otherwise),
    ``phase`` when the images were acquired after it. ``kv`` is the range of tube voltages (kV), ``slice_spacing_mm``
    that of the distances of slices, ``field_strength_t`` that of MR (tesla). ``kernels`` and ``scanners`` are as the
    source names them. ``source`` is where it says so, and ``remarks`` what a reader must know of it, such as a
    contradiction, with the source's own words.
    """

    modality: str = entry(default="", choices=MODALITIES)
    contrast: bool | None = None
    contrast_agent: str = ""
    contrast_disputed: bool = False
    phase: str = ""
    kv: Bounds | None = None
    kernels: tuple[str, ...] = ()
    slice_spacing_mm: Bounds | None = None
    field_strength_t: Bounds | None = None
    scanners: tuple[str, ...] = ()
    source: str = ""
    remarks: tuple[str, ...] = ()


def span(bounds: Bounds) -> str:
    """Return a range of numbers in words: '5', '0.68 - 0.69', 'up to 5', 'from 1'."""
    low, high = bounds
    if low is None or high is None:
        return f"from {low:g}" if low is not None else f"up to {high:g}" if high is not None else "any"
    return f"{low:g}" if low == high else f"{low:g} - {high:g}"


def imaging_text(item: Imaging) -> str:
    """Return in one line how a model's images were acquired."""
    contrast = {True: "with contrast agent", False: "without contrast agent", None: ""}[item.contrast]
    facts = (
        item.modality, contrast + (f" ({item.contrast_agent})" if contrast and item.contrast_agent else ""), item.phase,
        f"{span(item.kv)} kV" if item.kv else "",
        f"kernel {' or '.join(item.kernels)}" if item.kernels else "",
        f"slices {span(item.slice_spacing_mm)} mm apart" if item.slice_spacing_mm else "",
        f"{span(item.field_strength_t)} T" if item.field_strength_t else "", *item.scanners)
    return ", ".join(fact for fact in facts if fact) + (f" ({item.source})" if item.source else "")

"""What a model was made on beside what is stated of this case's image, row by row, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import ModelMismatch
from ..models.imaging import Bounds, Imaging, span
from ..models.model import Input, Model
from ..series.acquisition import DICOM, FILE, SCENE, Acquisition
from ..voi.voi import Voi
from ..warning import ResultWarning
from .evidence import AcquisitionRow

#: Relative slack when a number is compared with a model's range: file formats round it.
_SLACK = 0.01

#: Warnings' codes: a voxel size or a property of the acquisition that differs from what the model was made on.
SPACING, ACQUISITION = "spacing", "acquisition"

_NOT_REPORTED = "not reported"
_NOT_STATED = {DICOM: "not stated in this series", SCENE: "not stated in this scene", FILE: "not stated in this file"}


@dataclass(frozen=True)
class _Compared:
    """A row, the code of its warning, and how the acquired value reads in a sentence."""

    row: AcquisitionRow
    code: str
    words: str


def check_modality(model: Model, vois: Mapping[str, Voi]) -> None:
    """Raise ModelMismatch for an image that DICOM states to be of another modality than the model was made on."""
    for item in model.inputs:
        voi = vois.get(item.name)
        required, stated = _modality(item, model), voi.acquisition.modality if voi is not None else ""
        if required and stated and stated != required:
            raise ModelMismatch(f"The image for input '{item.name}' is {_known(stated)}, and model '{model.id}' was "
                                f"made on {_known(required)}: its features have another meaning there. Choose the "
                                f"{required} series.")


def acquisition_rows(model: Model, vois: Mapping[str, Voi]) -> tuple[AcquisitionRow, ...]:
    """Return what the model was made on beside what is stated of each image, without rows that neither states."""
    return tuple(item.row for item in _compared(model, vois)
                 if item.row.required != _NOT_REPORTED or item.row.acquired not in _NOT_STATED.values())


def acquisition_warnings(model: Model, vois: Mapping[str, Voi]) -> tuple[ResultWarning, ...]:
    """Return a warning, naming both, for each property in which an image differs from what the model was made on."""
    return tuple(_warning(item, model) for item in _compared(model, vois) if item.row.agrees is False)


def _warning(item: _Compared, model: Model) -> ResultWarning:
    row = item.row
    title = row.title if len(model.inputs) == 1 else f"{row.title} of '{row.input}'"
    if item.code == SPACING:
        return ResultWarning(SPACING, f"{title} {item.words} is outside what model '{model.id}' was made on "
                             f"({row.required}); texture depends on it.")
    return ResultWarning(ACQUISITION, f"{title}: {item.words}, and model '{model.id}' was made on: {row.required}.")


def _compared(model: Model, vois: Mapping[str, Voi]) -> Iterator[_Compared]:
    for item in model.inputs:
        if item.name in vois:
            yield from _rows(item, model, vois[item.name].acquisition)


def _rows(item: Input, model: Model, stated: Acquisition) -> Iterator[_Compared]:
    wanted = item.acquisition or Imaging()
    modality = _modality(item, model)
    yield _row(item, stated, "Modality", (modality, stated.modality), _same(stated.modality, modality))
    yield _row(item, stated, "Contrast agent", (_wanted_contrast(wanted), _stated_contrast(stated)),
               None if wanted.contrast is None or stated.contrast is None else stated.contrast == wanted.contrast)
    yield _row(item, stated, "Phase", (wanted.phase, ""), None)  # no attribute of DICOM tells it
    for title, unit, value, bounds in (("Tube voltage", "kV", stated.kv, wanted.kv),
                                       ("Field strength", "T", stated.field_strength_t, wanted.field_strength_t)):
        yield _row(item, stated, title, (f"{span(bounds)} {unit}" if bounds else "",
                                         f"{value:g} {unit}" if value is not None else ""),
                   _within((value,), bounds) if value is not None else None)
    kernel = stated.kernel.casefold()
    yield _row(item, stated, "Kernel", (" or ".join(wanted.kernels), stated.kernel),
               any(name.casefold() in kernel for name in wanted.kernels) if kernel and wanted.kernels else None)
    yield from _sizes(item, wanted, stated)
    scanner = " ".join(dict.fromkeys(f"{stated.manufacturer} {stated.scanner}".split()))
    yield _row(item, stated, "Scanner", (" or ".join(wanted.scanners), scanner), _same_maker(stated, wanted))


def _row(item: Input, stated: Acquisition, title: str, pair: tuple[str, str], agrees: bool | None,
         words: str = "", code: str = ACQUISITION) -> _Compared:
    """Return the row of a ``pair`` (required, acquired); an empty text is not reported, or not stated."""
    required, acquired = pair
    row = AcquisitionRow(input=item.name, title=title, required=required or _NOT_REPORTED,
                         acquired=acquired or _NOT_STATED[stated.source], agrees=agrees)
    return _Compared(row, code, words or acquired)


def _sizes(item: Input, wanted: Imaging, stated: Acquisition) -> Iterator[_Compared]:
    """Yield slice thickness, distance of slices and pixel spacing (mm).

    Where only the voxels' size is stated, the thickness is taken to be the distance of slices, and the row says so.
    """
    distance, thickness = stated.slice_spacing_mm, stated.slice_thickness_mm
    for title, value, note, bounds in (
            ("Slice thickness", thickness or distance, "" if thickness else " (the distance of slices)",
             item.slice_thickness_mm),
            ("Slice distance", distance if thickness else None, "", wanted.slice_spacing_mm)):
        if value is not None:
            text = f"{value:.3g} mm"
            yield _row(item, stated, title, (f"{span(bounds)} mm" if bounds else "", text + note),
                       _within((value,), bounds), text, SPACING)
    if stated.pixel_spacing_mm is not None:
        pixels = stated.pixel_spacing_mm
        bounds = item.pixel_spacing_mm
        text = " x ".join(dict.fromkeys(f"{value:.3g}" for value in pixels)) + " mm"
        yield _row(item, stated, "Pixel spacing", (f"{span(bounds)} mm" if bounds else "", text),
                   _within(pixels, bounds), text, SPACING)


def _modality(item: Input, model: Model) -> str:
    """Return the modality that an input must have: its own, else that of the protocol."""
    if item.acquisition is not None and item.acquisition.modality:
        return item.acquisition.modality
    return model.protocol.modality if model.protocol is not None else ""


def _same(stated: str, wanted: str) -> bool | None:
    return stated == wanted if stated and wanted else None


def _same_maker(stated: Acquisition, wanted: Imaging) -> bool | None:
    """Tell whether the scanner is of a maker that the source names; None where either does not say."""
    maker = stated.manufacturer.casefold().split()
    if not maker or not wanted.scanners:
        return None
    return any(name.casefold().split()[0] == maker[0] for name in wanted.scanners)


def _wanted_contrast(wanted: Imaging) -> str:
    if wanted.contrast is None:
        return ""
    agent = f" ({wanted.contrast_agent})" if wanted.contrast and wanted.contrast_agent else ""
    disputed = "; but its source also says otherwise" if wanted.contrast_disputed else ""
    return f"{'given' if wanted.contrast else 'none'}{agent}{disputed}"


def _stated_contrast(stated: Acquisition) -> str:
    if stated.contrast is None:
        return ""
    return f"given ({stated.contrast_agent})" if stated.contrast else f"none ('{stated.contrast_agent}')"


def _within(values: tuple[float, ...], bounds: Bounds | None) -> bool | None:
    """Tell whether all ``values`` lie in a closed range, a little rounding aside; None where there is no range."""
    if bounds is None:
        return None
    low, high = bounds
    return ((low is None or min(values) >= low * (1 - _SLACK))
            and (high is None or max(values) <= high * (1 + _SLACK)))


def _known(modality: str) -> str:
    return {"CT": "CT", "MR": "MR (DICOM modality MR)", "PT": "PET (DICOM modality PT)"}.get(
        modality, f"of DICOM modality {modality}")

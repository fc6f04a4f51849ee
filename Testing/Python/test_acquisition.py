"""What a model was made on stands beside what the image states; what differs is said, another modality refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.errors import ModelMismatch
from RadiomicsPrognosisLib.models.card import model_card
from RadiomicsPrognosisLib.models.model import Model
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.prediction.acquisition import acquisition_rows, acquisition_warnings
from RadiomicsPrognosisLib.prediction.record import Prediction
from RadiomicsPrognosisLib.series import tags
from RadiomicsPrognosisLib.series.acquisition import Acquisition, acquisition_of
from RadiomicsPrognosisLib.series.voxels import AcquiredImage
from RadiomicsPrognosisLib.voi import Voi, make_voi

S1, S2 = load_model("s1_escc_lpfs_radscore"), load_model("s2_escc_ln_response")

#: As a CT scanner writes it, padding included.
STATED = {tags.MODALITY: "CT", tags.CONTRAST_AGENT: "Ultravist 300 ", tags.KVP: "120.0 ", tags.KERNEL: "STANDARD",
          tags.SLICE_THICKNESS: "5.0 ", tags.MANUFACTURER: "GE MEDICAL SYSTEMS", tags.SCANNER_MODEL: "LightSpeed VCT"}


def voi(stated: dict[str, str] | None = None, model: Model = S2,
        spacing: tuple[float, float, float] = (0.68, 0.68, 5.0)) -> Voi:
    """Return a VOI whose image states what DICOM's tags hold; None is an image of another format."""
    image, mask = textured_volume(spacing=spacing)
    if stated is None:
        return make_voi(image, mask, model.image_protocol())
    acquired = AcquiredImage(image=image, acquisition=acquisition_of(stated, spacing))
    return make_voi(acquired, mask, model.image_protocol())


def rows(model: Model, case: Voi) -> dict[str, tuple[str, str, bool | None]]:
    """Return (required, acquired, agrees) by title."""
    return {row.title: (row.required, row.acquired, row.agrees)
            for row in acquisition_rows(model, {model.inputs[0].name: case})}


def warned(model: Model, case: Voi) -> list[str]:
    return [item.message for item in acquisition_warnings(model, {model.inputs[0].name: case})]


def test_a_series_like_the_models_agrees_row_by_row() -> None:
    case = voi(STATED)
    assert rows(S2, case) == {
        "Modality": ("CT", "CT", True),
        "Contrast agent": ("given (iohexol, 85 ml at 3 ml/s)", "given (Ultravist 300)", True),
        "Phase": ("25 s after injection", "not stated in this series", None),
        "Tube voltage": ("120 kV", "120 kV", True),
        "Kernel": ("standard", "STANDARD", True),
        "Slice thickness": ("not reported", "5 mm", None),
        "Slice distance": ("not reported", "5 mm", None),
        "Pixel spacing": ("0.68 - 0.69 mm", "0.68 mm", True),
        "Scanner": ("GE LightSpeed VCT", "GE MEDICAL SYSTEMS LightSpeed VCT", True),
    }
    assert warned(S2, case) == []


@pytest.mark.parametrize(("tag", "value", "words"), [
    (tags.CONTRAST_AGENT, "NONE", "Contrast agent: none ('NONE'), and model 's2_escc_ln_response' was made on: given"),
    (tags.KVP, "80", "Tube voltage: 80 kV, and model 's2_escc_ln_response' was made on: 120 kV."),
    (tags.KERNEL, "BONE", "Kernel: BONE, and model 's2_escc_ln_response' was made on: standard."),
    (tags.MANUFACTURER, "SIEMENS", "Scanner: SIEMENS LightSpeed VCT, and model"),
])
def test_each_difference_is_a_warning_that_names_both(tag: str, value: str, words: str) -> None:
    (message,) = warned(S2, voi({**STATED, tag: value}))
    assert message.startswith(words)


def test_thickness_and_distance_of_slices_are_two_things() -> None:
    overlapping = voi({**STATED, tags.SLICE_THICKNESS: "5"}, S1, spacing=(0.8, 0.8, 2.5))
    assert warned(S1, overlapping) == ["Slice distance 2.5 mm is outside what model 's1_escc_lpfs_radscore' was made "
                                       "on (5 mm); texture depends on it."]
    thin = voi({**STATED, tags.SLICE_THICKNESS: "1"}, S1, spacing=(0.8, 0.8, 5.0))
    assert warned(S1, thin) == ["Slice thickness 1 mm is outside what model 's1_escc_lpfs_radscore' was made on (5 mm);"
                                " texture depends on it."]


@pytest.mark.parametrize("agent", ["", " ", None])
def test_a_series_that_states_no_agent_is_not_called_contrast_enhanced(agent: str | None) -> None:
    """Its title is what the model wants: 'Contrast-enhanced CT'. The series says nothing of it."""
    stated = {**STATED, tags.CONTRAST_AGENT: agent} if agent is not None else \
        {tag: value for tag, value in STATED.items() if tag != tags.CONTRAST_AGENT}
    assert rows(S2, voi(stated))["Contrast agent"] == ("given (iohexol, 85 ml at 3 ml/s)", "not stated in this series",
                                                       None)


@pytest.mark.parametrize("agent", ["NONE", "no", "Without", "unenhanced", "No contrast"])
def test_an_agent_that_is_none_is_no_agent(agent: str) -> None:
    assert acquisition_of({tags.CONTRAST_AGENT: agent}).contrast is False


def test_other_formats_state_their_voxels_alone() -> None:
    of_file = rows(S2, voi(None))
    assert of_file["Modality"] == ("CT", "not stated in this file", None)
    assert of_file["Slice thickness"] == ("not reported", "5 mm (the distance of slices)", None)
    assert "Slice distance" not in of_file and warned(S2, voi(None)) == []


def test_what_a_scanner_writes_for_unknown_is_not_a_value() -> None:
    stated = acquisition_of({tags.KVP: "0", tags.SLICE_THICKNESS: "abc", tags.PIXEL_SPACING: "0.7\\0.8"})
    assert stated == Acquisition(source="DICOM", pixel_spacing_mm=(0.8, 0.7))


def test_an_image_of_another_modality_is_refused() -> None:
    with pytest.raises(ModelMismatch, match=r"is MR \(DICOM modality MR\), and model 's2_escc_ln_response' was made on "
                                            "CT"):
        score_vois({"image": voi({**STATED, tags.MODALITY: "MR"})}, S2)
    with pytest.raises(ModelMismatch, match="PET"):
        score_vois({"image": voi({**STATED, tags.MODALITY: "PT"})}, S2)


def test_the_rows_travel_with_the_prediction() -> None:
    prediction = score_vois({"image": voi({**STATED, tags.KVP: "80"})}, S2)
    assert Prediction.from_dict(prediction.to_dict()) == prediction
    assert [row.title for row in prediction.acquisition if row.agrees is False] == ["Tube voltage"]
    assert "acquisition" in [item.code for item in prediction.warnings]


def test_models_with_two_inputs_compare_each() -> None:
    venous = replace(S2.inputs[0], name="venous", acquisition=replace(S2.inputs[0].acquisition, contrast=False))
    model = replace(S2, inputs=(*S2.inputs, venous))
    cases = {"image": voi(STATED), "venous": voi(STATED)}
    (warning,) = acquisition_warnings(model, cases)
    assert warning.message.startswith("Contrast agent of 'venous': given (Ultravist 300), and model")
    assert {row.input for row in acquisition_rows(model, cases)} == {"image", "venous"}


def test_the_cards_say_time_zero_and_what_the_paper_contradicts() -> None:
    first = [(row.title, row.text) for row in model_card(S1)]
    assert any(title == "Time zero" and "not stated in the paper" in text for title, text in first)
    told = " ".join(text for _, text in first)
    assert "late arterial CT images were collected with a delay of 30s" in told
    assert "this study only collects the information of plain CT images" in told
    second = {row.title: row.text for row in model_card(load_model("s2_escc_ln_control_2y"))}
    assert second["Time zero"] == "end of the first (chemo)radiotherapy" and "standard" in second["Made on"]


def test_a_volume_moved_by_redrawing_keeps_its_acquisition() -> None:
    from RadiomicsPrognosisLib.voi.voi import redrawn

    case = voi(STATED)
    again = redrawn(case, np.pad(case.contour, 1)[1:-1, 1:-1, 1:-1], case.start, S2.image_protocol())
    assert again.acquisition == case.acquisition and isinstance(again.image, sitk.Image)


def test_a_paper_that_contradicts_itself_is_quoted_so() -> None:
    case = voi({**STATED, tags.CONTRAST_AGENT: "NONE"}, S1, spacing=(0.8, 0.8, 5.0))
    (message,) = warned(S1, case)
    assert message.startswith("Contrast agent: none ('NONE')") and "but its source also says otherwise" in message

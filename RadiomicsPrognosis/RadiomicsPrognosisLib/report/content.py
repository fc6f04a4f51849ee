"""What a report says: a prediction, its model and its VOIs turned into sections of plain blocks."""

from __future__ import annotations

from collections.abc import Mapping

from ..models.card import model_card
from ..models.covariates import Covariate
from ..models.model import Model
from ..models.predictors import SCORE
from ..prediction.record import Prediction
from ..stability.record import Stability
from ..texts import DISCLAIMER, clean, number, percent
from ..voi.voi import Voi
from .blocks import Answer, Answers, Block, DataTable, Facts, Link, Notice, Paragraph, Report, Section
from .elements import missing
from .pictures import result_pictures, voi_pictures
from .stability_section import stability_section

#: Titles of what is usually known of a patient and series, in the order shown; other keys follow under their own name.
PATIENT_TITLES = {
    "name": "Patient", "id": "Patient ID", "birth_date": "Born", "sex": "Sex", "age": "Age", "accession": "Accession",
    "study_date": "Study date", "study": "Study", "series": "Series", "modality": "Modality",
    "institution": "Institution",
}

#: Longest text from outside that is shown; the rest is an ellipsis.
_LIMIT = 300


def report_content(prediction: Prediction, model: Model, vois: Mapping[str, Voi] | None = None,
                   patient: Mapping[str, object] | None = None, stability: Stability | None = None) -> Report:
    """Return the report of a prediction made with ``model``, with a section on its ``stability`` if that is known."""
    software = prediction.software
    version = clean(software.get("RadiomicsPrognosis", "?"), 30)
    return Report(
        title="Radiomics prognosis report",
        subtitle=clean(model.title, _LIMIT),
        disclaimer=DISCLAIMER,
        footer=f"RadiomicsPrognosis {version} · model {clean(model.id, 60)} {clean(model.version, 20)}",
        sections=(
            Section("Result", _result(prediction, model)),
            Section("Patient and series", _patient(patient)),
            Section("Volume of interest", _vois(prediction, model, vois or {})),
            Section("Figures", result_pictures(prediction, model)),
            *([stability_section(stability)] if stability is not None else []),
            Section("Features", _features(prediction, model)),
            Section("Model card", _model_card(model)),
            Section("How it was made", _provenance(prediction, model)),
        ),
    )


def _result(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    items = []
    if prediction.score is not None:
        items.append(Answer(clean(model.signature.name, 40), number(prediction.score, 4), _distance(prediction)))
    group = prediction.group
    if group is not None:
        items.append(Answer("Group", f"{'▲' if group.worse else '●'} {clean(group.label, 60)}",
                            "worse prognosis of the two" if group.worse else "better prognosis of the two",
                            "worse" if group.worse else "better"))
    if prediction.survival is not None:
        survival = prediction.survival
        origin = clean(prediction.model.provenance.get("survival", ""), 40)
        items += [Answer(f"{month:g}-month {clean(model.endpoint.abbreviation, 20)}", percent(share), origin)
                  for month, share in zip(survival.horizons_months, survival.at_horizons, strict=True)]
    if prediction.probability is not None:
        items.append(Answer(f"Probability of {clean(prediction.outcome, 40)}", percent(prediction.probability),
                            clean(prediction.model.provenance.get("probability", ""), 40)))
    blocks: list[Block] = [Answers(tuple(items))] if items else []
    blocks += [missing(f"No {item.component}", item.reason) for item in prediction.withheld]
    blocks += [Notice("warning", "Warning", clean(item.message, 600)) for item in prediction.warnings]
    if not prediction.warnings:
        blocks.append(Paragraph("No warning: contour and image are within what the model was made on, as far as the "
                                "model file tells."))
    if model.covariates:
        blocks.append(Facts(tuple(_covariate(prediction, item) for item in model.covariates)))
    return tuple(blocks)


def _distance(prediction: Prediction) -> str:
    if prediction.distance is None or prediction.cutoff is None:
        return ""
    sign = "+" if prediction.distance >= 0 else ""
    on = "" if prediction.cutoff_on == SCORE else f"{prediction.cutoff_on}: "
    return f"{on}cut-off {number(prediction.cutoff, 4)}, distance {sign}{number(prediction.distance, 3)}"


def _covariate(prediction: Prediction, covariate: Covariate) -> tuple[str, str]:
    value = prediction.covariates.get(covariate.name)
    return clean(covariate.title, 120), "not given" if value is None else clean(covariate.describe(value), 120)


def _patient(patient: Mapping[str, object] | None) -> tuple[Block, ...]:
    given = {key: value for key, value in (patient or {}).items() if value not in (None, "")}
    if not given:
        return (Paragraph("No patient or series data were given with this report."),)
    known = [(title, clean(given[key], _LIMIT)) for key, title in PATIENT_TITLES.items() if key in given]
    others = [(clean(key, 60), clean(value, _LIMIT)) for key, value in given.items() if key not in PATIENT_TITLES]
    return (Facts((*known, *others)),)


def _vois(prediction: Prediction, model: Model, vois: Mapping[str, Voi]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for item in model.inputs:
        voi = prediction.vois.get(item.name)
        if voi is None:
            continue
        spacing = " × ".join(f"{value:.3g}" for value in voi.spacing_mm)
        blocks.append(Facts((
            ("Image", clean(item.title, _LIMIT)),
            ("Segment", clean(voi.segment, _LIMIT)),
            ("Volume kept", f"{voi.kept_volume_mm3 / 1000:.2f} cm³ ({voi.kept_voxels} voxels)"),
            ("Contoured", f"{voi.contoured_voxels} voxels, of which the HU range removed "
                          f"{voi.removed_share:.1%}"),
            ("Mean attenuation", f"{number(voi.mean_hu, 4)} HU"),
            ("Voxel size", f"{spacing} mm"),
            ("SHA-256", clean(voi.hash, 64)),
        )))
        blocks += voi_pictures(item.name, clean(item.title, 80), vois.get(item.name))
    return tuple(blocks)


def _features(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    items = prediction.contributions
    if not items:
        return (missing("No table of features", prediction.why_withheld("score") or "No score."),)
    standardised = model.signature.standardised
    head = ("Feature", "Value", *(("Mean", "SD", "z") if standardised else ()), "Coefficient", "Contribution")
    rows = []
    for item in items:
        name = item.feature if len(model.inputs) == 1 else f"{item.input}: {item.feature}"
        scaled = [number(value, 4) for value in (item.mean, item.sd, item.z) if value is not None]
        rows.append((clean(name, 120), f"{number(item.value, 5)} {item.unit}".strip(), *scaled,
                     number(item.coefficient, 6), number(item.contribution, 4)))
    if prediction.intercept:
        rows.append(("Intercept", *[""] * (len(head) - 2), number(prediction.intercept, 6)))
    return (DataTable("Values as the feature engine names them", head, tuple(rows),
                      frozenset(range(1, len(head)))),)


def _model_card(model: Model) -> tuple[Block, ...]:
    rows: list[tuple[str, str | Link]] = [("Model", f"{clean(model.id, 80)}, version {clean(model.version, 30)}"),
                                          ("Title", clean(model.title, _LIMIT))]
    for row in (row for row in model_card(model) if not row.in_result):
        text = clean(row.text, 900)
        rows.append((row.title, Link(text, clean(row.url, 200)) if row.url else text))
    return (Facts(tuple(rows)),)


def _provenance(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    protocol, engine, scaling = prediction.protocol, prediction.engine, prediction.scaling
    rows = [
        ("Model SHA-256", clean(prediction.model.hash, 64)),
        ("Protocol", f"{clean(protocol.id, 80)}: {clean(protocol.title, 200)}"),
        ("Protocol SHA-256", clean(protocol.hash, 64)),
        ("Feature engine", f"{clean(engine.name, 60)} {clean(engine.version, 40)}"),
    ]
    if scaling is not None:
        kind = " (demonstration scaling: another disease)" if scaling.demonstration else ""
        rows += [("Scaling", f"{clean(scaling.name, 80)}, {scaling.cases} cases{kind}"),
                 ("Origin of the scaling", clean(scaling.origin, _LIMIT)),
                 ("Scaling SHA-256", clean(scaling.hash, 64))]
    elif model.needs_scaling:
        rows.append(("Scaling", "none given"))
    else:
        rows.append(("Scaling", "none needed: the model uses raw feature values"))
    rows.append(("Software", ", ".join(f"{clean(name, 40)} {clean(version, 40)}"
                                       for name, version in prediction.software.items())))
    return (Facts(tuple(rows)),)

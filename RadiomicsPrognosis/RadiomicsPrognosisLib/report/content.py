"""What a report says: a prediction, its model and its VOIs turned into sections of plain blocks.

The first page is the answer; the technical appendix follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..answer import DEMONSTRATION, Answer, answer_of
from ..models.card import model_card
from ..models.model import Model
from ..prediction.record import Prediction
from ..stability.record import Stability
from ..texts import DISCLAIMER, clean, number, percent, unit_text
from ..voi.voi import Voi
from .blocks import Block, DataTable, Facts, Link, Notice, Paragraph, Report, Section
from .elements import missing
from .front import acquisition_table, front_sections
from .head_and_foot import foot_line
from .pictures import result_pictures, voi_pictures
from .stability_section import stability_section

#: Longest text from outside that is shown; the rest is an ellipsis.
_LIMIT = 300


def report_content(prediction: Prediction, model: Model, vois: Mapping[str, Voi] | None = None,
                   patient: Mapping[str, object] | None = None, stability: Stability | None = None,
                   anonymous: bool = False, created: datetime | None = None) -> Report:
    """Return the report of a prediction made with ``model``, with a section on its ``stability`` if that is known.

    An ``anonymous`` one names neither patient nor series.
    """
    version = clean(prediction.software.get("RadiomicsPrognosis", "?"), 30)
    answer = answer_of(prediction, model, stability)
    return Report(
        title="Radiomics prognosis report",
        subtitle=clean(model.title, _LIMIT),
        disclaimer=DISCLAIMER,
        footer=f"RadiomicsPrognosis {version} · model {clean(model.id, 60)} {clean(model.version, 20)}",
        band=answer.band,
        badge=answer.badge,
        identity=foot_line(patient, anonymous),
        sections=(
            *front_sections(prediction, model, answer, vois or {}, patient, anonymous, created),
            Section("Technical appendix: image and volume of interest",
                    (acquisition_table(answer, model), *_vois(prediction, model, vois or {})), own_page=True),
            Section("Figures", result_pictures(prediction, model)),
            *([stability_section(stability)] if stability is not None else []),
            Section("Features", _features(prediction, model)),
            *_warnings(answer),
            Section("Model card", _model_card(model)),
            Section("How it was made", (*([Paragraph(answer.uncertainty_detail)] if answer.uncertainty_detail else ()),
                                        *_provenance(prediction, model))),
        ),
    )


def _warnings(answer: Answer) -> tuple[Section, ...]:
    """Return the warnings that the first page counts or says in short."""
    others = tuple(Notice("warning", "Warning", text) for limit in answer.limits
                   if limit.others or limit.code == DEMONSTRATION for text in (limit.text, *limit.others))
    return (Section("Warnings", others),) if others else ()


def _of_slice(voi: Voi | None) -> str:
    """Return what leads the share that the HU range removed, where a protocol keeps one slice of several."""
    return f"{voi.slice_voxels} in the largest slice, " if voi is not None and voi.slice_voxels is not None else ""


def _vois(prediction: Prediction, model: Model, vois: Mapping[str, Voi]) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for item in model.inputs:
        voi = prediction.vois.get(item.name)
        if voi is None:
            continue
        spacing = " × ".join(f"{value:.3g}" for value in voi.spacing_mm)
        blocks.append(Facts((
            *([("Input of the model", clean(item.name, 80))] if len(model.inputs) > 1 else []),
            ("Segment", clean(voi.segment, _LIMIT)),
            ("Volume kept", f"{voi.kept_volume_mm3 / 1000:.2f} cm³ ({voi.kept_voxels} voxels)"),
            ("Contoured", f"{voi.contoured_voxels} voxels, {_of_slice(vois.get(item.name))}of which the HU range "
                          f"removed {percent(voi.removed_share) if voi.removed_share else 'none'}"),
            ("Mean attenuation", f"{number(voi.mean_hu, 4)} HU"),
            ("Voxel size", f"{spacing} mm"),
            ("SHA-256", clean(voi.hash, 64)),
        )))
        blocks += voi_pictures(item.name, clean(item.name, 80) if len(model.inputs) > 1 else "", vois.get(item.name))
    return tuple(blocks)


def _features(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    items = prediction.contributions
    if not items:
        return (missing("No table of features", prediction.why_withheld("score") or "No score."),)
    standardised = model.needs_scaling
    head = ("Feature", "Value", *(("Mean", "SD", "z") if standardised else ()), "Coefficient", "Contribution")
    rows = []
    for item in items:
        name = item.feature if len(model.inputs) == 1 else f"{item.input}: {item.feature}"
        scaled = [number(value, 4) for value in (item.mean, item.sd, item.z) if value is not None]
        rows.append((clean(name, 120), f"{number(item.value, 5)} {unit_text(item.unit)}".strip(), *scaled,
                     number(item.coefficient, 6), number(item.contribution, 4)))
    if prediction.intercept:
        rows.append(("Intercept", *[""] * (len(head) - 2), number(prediction.intercept, 6)))
    return (DataTable("Values as the feature engine names them", head, tuple(rows),
                      frozenset(range(1, len(head)))),)


def _model_card(model: Model) -> tuple[Block, ...]:
    rows: list[tuple[str, str | Link]] = [("Model", f"{clean(model.id, 80)}, version {clean(model.version, 30)}"),
                                          ("Title", clean(model.title, _LIMIT))]
    for row in (row for row in model_card(model) if not row.in_result):
        text = clean(row.text, 600)
        rows.append((row.title, Link(text, clean(row.url, 200)) if row.url else text))
    return (Facts(tuple(rows)),)


def _provenance(prediction: Prediction, model: Model) -> tuple[Block, ...]:
    protocol, engine, scaling = prediction.protocol, prediction.engine, prediction.scaling
    rows = [("Model SHA-256", clean(prediction.model.hash, 64))]
    if protocol is not None and engine is not None:
        rows += [("Protocol", f"{clean(protocol.id, 80)}: {clean(protocol.title, 200)}"),
                 ("Protocol SHA-256", clean(protocol.hash, 64)),
                 ("Feature engine", f"{clean(engine.name, 60)} {clean(engine.version, 40)}")]
    if protocol is None:
        rows.append(("Image", "none read: clinical factors alone predict"))
    elif scaling is not None:
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

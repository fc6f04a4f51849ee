"""The first page of a report: whose result it is, the answer, the contour and the curve, and what limits it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ..answer import DEMONSTRATION, Answer, Outcome
from ..models.model import Model
from ..prediction.record import Prediction
from ..voi.voi import Voi
from .blocks import Block, DataTable, Facts, Headline, Notice, Pair, Paragraph, Section, Tile, Tiles
from .elements import missing, name
from .head_and_foot import head_rows
from .pictures import contour_picture, outcome_picture

#: What stands on a row of the acquisition whose two sides agree, differ, or cannot be compared.
_AGREES = {True: "agrees", False: "differs", None: "not known"}


def front_sections(prediction: Prediction, model: Model, answer: Answer, vois: Mapping[str, Voi],
                   patient: Mapping[str, object] | None, anonymous: bool,
                   created: datetime | None) -> tuple[Section, ...]:
    """Return the sections of the first page."""
    return (Section("Answer", (Facts((*head_rows(patient, anonymous, created), *_contours(prediction, model),
                                      *_factors(answer))),
                               *_answer(answer), *_pictures(prediction, model, vois))),
            Section("What limits it", _limits(answer, model)))


def _contours(prediction: Prediction, model: Model) -> tuple[tuple[str, str], ...]:
    """Return the contour of each input with its volume."""
    rows = []
    for item in model.inputs:
        voi = prediction.vois.get(item.name)
        if voi is not None:
            title = "Contour" if len(model.inputs) == 1 else f"Contour, {name(item.name)}"
            rows.append((title, f"{name(voi.segment)}, {voi.kept_volume_mm3 / 1000:.1f} cm³"))
    return tuple(rows)


def _factors(answer: Answer) -> tuple[tuple[str, str], ...]:
    """Return the clinical factors on one row."""
    if not answer.covariates:
        return ()
    return (("Clinical factors", "; ".join(f"{title}: {value}" for title, value in answer.covariates)),)


def _answer(answer: Answer) -> tuple[Block, ...]:
    tone = "" if answer.worse is None else "worse" if answer.worse else "better"
    score = "; ".join(text for text in (answer.score, answer.cutoff) if text)
    blocks: list[Block] = [Headline(f"{answer.sign} {answer.headline}".strip(), score, tone,
                                    "group" in answer.questioned or "score" in answer.questioned)]
    if answer.caution:
        blocks.append(Notice("warning", "Unreliable for this case", answer.caution))
    if answer.outcomes:
        blocks.append(Tiles(tuple(map(_tile, answer.outcomes))))
    # A score that is withheld says how far out it lies where it says why.
    place = f"The score is {answer.position}." if answer.position and answer.score else ""
    texts = ("; ".join(answer.signatures), *answer.sentences, answer.averaged, place, answer.near)
    blocks += [Paragraph(text) for text in texts if text]
    blocks += [missing(f"No {item.title}", item.reason) for item in answer.withheld]
    return tuple(blocks)


def _tile(item: Outcome) -> Tile:
    return Tile(item.title, item.text, item.note, "questioned" if item.questioned else "")


def _pictures(prediction: Prediction, model: Model, vois: Mapping[str, Voi]) -> tuple[Block, ...]:
    """Return the contour beside the curve, the one of them there is, or why there is none."""
    contour, curve = contour_picture(model, vois), outcome_picture(prediction, model)
    if contour is not None and curve is not None:
        return (Pair(contour, curve),)
    return tuple(item for item in (contour, curve) if item is not None)


def _limits(answer: Answer, model: Model) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for limit in answer.limits:
        if answer.band and limit.code == DEMONSTRATION:
            continue  # the band says it; the whole sentence is in the appendix
        if limit.text == answer.caution and not limit.others:
            continue  # it stands under the headline
        more = f" ({len(limit.others)} more of this kind; see the appendix)" if limit.others else ""
        blocks.append(Notice("warning", "Warning", f"{limit.text}{more}"))
    if not answer.limits:
        blocks.append(Paragraph(
            "The model reads no image: nothing but the clinical factors was compared with what it was made on."
            if model.is_clinical else "No warning: contour and image are within what the model was made on, as far as "
            "the model's file tells."))
    if answer.uncertainty:
        blocks.append(Paragraph(answer.uncertainty))
    if answer.stability:
        blocks.append(Paragraph(f"When contour and image are changed a little: {answer.stability}."))
    return tuple(blocks)


def acquisition_table(answer: Answer, model: Model) -> DataTable:
    """Return what the model was made on beside what this image has."""
    several = len(model.inputs) > 1
    rows = tuple((f"{name(row.input)}: {name(row.title)}" if several else name(row.title), name(row.required),
                  name(row.acquired), _AGREES[row.agrees]) for row in answer.acquisition)
    if not rows:
        rows = tuple((f"{name(item.name)}: image" if several else "Image", name(item.title), "not stated", "not known")
                     for item in model.inputs)
    return DataTable("Image: what the model was made on, and what this one states",
                     ("Property", "Model was made on", "This image", "Compared"), rows)

"""The figures of a readers' study's report, or, where one cannot be drawn, the reason in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ... import errors
from ...notation import fixed, months
from ...report.blocks import Block, Picture
from ...report.elements import missing, name
from ...texts import clean
from ...voi import read_image, read_mask
from .. import figures
from ..figures.contour_plots import MOST
from ..overlap import Overlap
from ..study_result import CaseScore, ContourAgreement, ContourSource, ReadingComparison, ReproducibilityResult
from .words import listed, main_comparisons, per_cent, scored_pairs

#: Most panels of a figure; further pairs of readings stand in the tables.
_MOST = 6

#: Cases whose contours are shown on their CT.
_WORST = 3


def icc_pictures(result: ReproducibilityResult) -> tuple[Block, ...]:
    """Return the histograms of the ICC, and the medians by image type and class."""
    items = [item for item in main_comparisons(result) if item.icc is not None][:_MOST]
    if not items:
        return (missing("No histogram", "No comparison has ICCs."),)
    rule = result.filter
    quantity = rule.form if rule.on == "estimate" else f"Lower bound of {rule.form}"
    panels = [_icc_panel(item, result) for item in items]
    caption = (f"{quantity} of {len(rule.features)} features in bins of 0.05; filled: at or above the threshold of "
               f"{rule.threshold:g}. Counts at 0.75, 0.80 and 0.90 are written in each panel.")
    blocks: tuple[Block, ...] = (Picture("icc-histogram", "ICC of all features", caption,
                                         figures.draw_icc_histograms(panels, quantity, rule.threshold)),)
    if all(len(item.groups) > 1 for item in items):
        drawn = figures.draw_icc_groups([(clean(item.title, 60), item.groups) for item in items],
                                        f"{rule.form}: median and quartiles", rule.threshold)
        blocks += (Picture("icc-groups", "ICC by image type and class", "Dot: median; line: lower to upper quartile. "
                           "At the right: features kept of all, in the order of the comparisons.", drawn),)
    return blocks


def _icc_panel(item: ReadingComparison, result: ReproducibilityResult) -> figures.IccPanel:
    if item.icc is None:
        raise ValueError(f"{item.id} has no ICC")
    form = item.icc.forms[result.filter.form]
    known = (form.icc if result.filter.on == "estimate" else form.lower).compressed().astype(float)
    return figures.IccPanel(clean(item.title, 60), known, len(item.icc.features) - len(known))


def score_pictures(result: ReproducibilityResult) -> tuple[Block, ...]:
    """Return the Bland-Altman figure and the score of one reading against that of another."""
    model = result.model
    shown = scored_pairs(result)[:_MOST]
    if model is None or not shown:
        return (missing("No Bland-Altman figure", "No two readings have a score of two or more cases in common."),)
    pairs = [_score_pair(item, result) for item in shown]
    score, cutoff = clean(model.score_name, 40), model.cutoff if model.cutoff_on in (None, "score") else None
    level = per_cent(result.confidence)
    groups = " Triangles: cases whose risk group changes; dashed upright: the cut-off." if cutoff is not None else ""
    return (
        Picture("bland-altman", f"Differences of the {score} between two readings", "Each case's difference (second − "
                f"first reading) against its mean; lines: bias and 95 % limits of agreement, bands: their {level} "
                f"intervals.{groups}", figures.draw_bland_altman(pairs, score, cutoff)),
        Picture("score-pairs", f"{score} of one reading against another", "On the line both readings give the same "
                "score." + (" Upper left and lower right of the dashed lines the risk group changes."
                            if cutoff is not None else ""), figures.draw_score_pairs(pairs, score, cutoff)))


def _by_reading(result: ReproducibilityResult) -> Mapping[tuple[str, str], CaseScore]:
    return {(item.case, item.reading): item for item in result.scores}


def _score_pair(item: ReadingComparison, result: ReproducibilityResult) -> figures.ScorePair:
    scores, (first, second) = _by_reading(result), item.readings
    left_out = set(item.score.left_out) if item.score else set()
    rows = [(scores[case, first], scores[case, second]) for case in item.cases if case not in left_out]
    return figures.ScorePair(
        title=clean(item.title, 60), names=(clean(first, 40), clean(second, 40)),
        first=np.array([a.score for a, _ in rows], float), second=np.array([b.score for _, b in rows], float),
        flipped=np.array([a.group != b.group for a, b in rows], bool),
        limits=item.score.limits if item.score else None)


def outcome_pictures(result: ReproducibilityResult) -> tuple[Block, ...]:
    """Return, for each main pair of readings, the predicted survival of every case in both."""
    model, scores = result.model, _by_reading(result)
    if model is None or not model.horizons_months:
        return ()
    blocks: list[Block] = []
    main = [item for item in scored_pairs(result) if item in main_comparisons(result)] or scored_pairs(result)[:1]
    for number, item in enumerate(main, 1):
        first, second = item.readings
        rows = [(scores[case, first], scores[case, second]) for case in item.cases]
        rows = [(a, b) for a, b in rows if None not in a.survival and None not in b.survival]
        if not rows:
            continue
        changed = np.array([a.group != b.group for a, b in rows], bool)
        panels = [(months(at), np.array([a.survival[place] for a, _ in rows], float),
                   np.array([b.survival[place] for _, b in rows], float), changed)
                  for place, at in enumerate(model.horizons_months)]
        endpoint = clean(model.endpoint, 60)
        blocks.append(Picture(
            f"survival-{number}", f"Predicted {endpoint.lower()}, {name(item.title)}", "Each line is a case, from the "
            "first reading to the second; dashed with triangles: the risk group changes.",
            figures.draw_outcome_changes(panels, (clean(first, 40), clean(second, 40)), "Predicted survival")))
    return tuple(blocks)


def pair_titles(result: ReproducibilityResult) -> list[tuple[tuple[str, str], str]]:
    """Return the pairs of readings whose contours were compared, each with its title for people."""
    titles = {item.readings: item.title for item in result.pairs()}
    pairs = dict.fromkeys((item.first, item.second) for item in result.contours)
    return [(pair, titles.get(pair, " and ".join(pair))) for pair in pairs]


def contour_pictures(result: ReproducibilityResult) -> tuple[Block, ...]:
    """Return Dice and distances of every case."""
    measured = [item for item in result.contours if item.overlap is not None]
    pairs = [(pair, clean(title, 60)) for pair, title in pair_titles(result)][:_MOST]
    caption = ("Dice coefficient, mean surface distance and 95 % Hausdorff distance (HD95), the case of lowest Dice "
               "on top.")
    count = len({item.case for item in measured})
    if count > MOST:
        caption += f" The {MOST} of {count} cases that agree least are shown."
    return (Picture("contours", "Agreement of the contours by case", caption,
                    figures.draw_contour_agreement(measured, pairs)),)


def overlay_pictures(result: ReproducibilityResult, sources: Sequence[ContourSource]) -> tuple[Block, ...]:
    """Return the contours of the cases that agree least on their CT; what cannot be read is said."""
    worst = _worst(result)
    by_reading = {(item.case, item.reading): item for item in sources}
    panels: list[figures.OverlayPanel] = []
    blocks: list[Block] = []
    for overlap, item in worst:
        first, second = (by_reading.get((item.case, reading)) for reading in (item.first, item.second))
        if first is None or second is None:
            blocks.append(missing(f"No picture of case {name(item.case)}", "Its image was not at hand when this page "
                                  "was written."))
            continue
        try:
            panels.append(_overlay(item, overlap, first, second))
        except errors.InputError as error:
            blocks.append(missing(f"No picture of case {name(item.case)}", str(error)))
    if panels:
        cases = listed([name(item.case) for _, item in worst])
        blocks.insert(0, Picture(
            "worst-contours", "Where contours agree least", f"Cases of lowest Dice ({cases}), each on the axial slice "
            "where the two contours differ by the largest area. Orange: first reading; blue: second; hatched: only "
            "one of them; green: border of both.", figures.draw_overlays(panels), vector=False))
    return tuple(blocks)


def _worst(result: ReproducibilityResult) -> list[tuple[Overlap, ContourAgreement]]:
    """Return the pairs of contours of lowest Dice, one a case."""
    chosen: dict[str, tuple[Overlap, ContourAgreement]] = {}
    measured = [(item.overlap, item) for item in result.contours if item.overlap is not None]
    for overlap, item in sorted(measured, key=lambda pair: (pair[0].dice, pair[1].case)):
        chosen.setdefault(item.case, (overlap, item))
    return list(chosen.values())[:_WORST]


def _overlay(item: ContourAgreement, overlap: Overlap, first: ContourSource, second: ContourSource
             ) -> figures.OverlayPanel:
    one, two = (read_mask(source.mask, source.label)[0] for source in (first, second))
    remarks = (f"A: {clean(item.first, 30)} · B: {clean(item.second, 30)}",
               f"Dice {fixed(overlap.dice)}, HD95 {fixed(overlap.hausdorff95_mm, 1)} mm")
    image = read_image(first.image, first.series)
    return figures.slice_of_most_disagreement(image, one, two, clean(item.case, 40), remarks)

"""The report on models side by side, and on the controls: nested resampling and shuffled outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from ...notation import fixed, interval, p_cell
from ...report.blocks import Block, DataTable, Paragraph, Section
from ...report.elements import all_blocks, cohorts_table, facts, missing, name, sentence, table
from ...texts import number
from ..results.cohorts import WHOLE, CohortSummary, EndpointSummary, rows_text
from ..results.models import ModelComparison, ModelResult
from ..results.signatures import NestedResampling, PermutationControl, SignatureResult
from .pictures import decision_picture, roc_pictures

COMPARED, CONTROLS = "Models compared", "Resampling and permutation controls"

#: Most features whose frequency of selection is listed.
_MOST = 30

#: Fewest permutations whose range is worth an interpretation.
_ENOUGH = 20

#: The C-index or AUC of a score without information.
_CHANCE = 0.5


def compared_section(models: Sequence[ModelResult], endpoints: Sequence[EndpointSummary],
                     cohorts: Sequence[CohortSummary], comparisons: Sequence[ModelComparison]) -> Section:
    """Return all models of each endpoint beside each other, with ROC and decision curves and paired tests."""
    blocks: list[Block] = []
    names = [item.name for item in cohorts]
    for endpoint in endpoints:
        here = [model for model in models if model.endpoint == endpoint.id and model.cohorts]
        blocks += _side_by_side(endpoint, here, [*names, *([WHOLE] if len(names) > 1 else [])])
        for cohort in (*names, WHOLE):
            blocks += [*roc_pictures(here, endpoint, cohort), *decision_picture(here, endpoint, cohort)]
    titles = {model.id: model.title for model in models}
    measured = {item.id: item.abbreviation for item in endpoints}
    head = ("Models (rows)", "Measure", "First", "Second", "Difference (95 % CI)", "SE", "z", "p")
    for compared in dict.fromkeys(item.cohort for item in comparisons):
        rows = [_comparison(item, titles, measured[item.endpoint]) for item in comparisons if item.cohort == compared]
        blocks += table(f"Paired comparisons on the rows that both models can predict, {name(compared)} cohort", head,
                        rows, (0, 1))
    if not comparisons:
        blocks.append(missing("No comparison", "There is at most one model of each endpoint, or none of the pairs "
                              "could be compared."))
    return Section(COMPARED, tuple(blocks))


def _side_by_side(endpoint: EndpointSummary, models: Sequence[ModelResult], cohorts: Sequence[str]
                  ) -> tuple[DataTable, ...]:
    measured = [(f"{name(model.title)}: {item.name}", cohort.cohort, item)
                for model in models for cohort in model.measured for item in cohort.discrimination()]
    blank = dict.fromkeys((measure for measure, *_ in measured), "")
    columns = [blank | {measure: interval(item.value, item.lower, item.upper) for measure, where, item in measured
                        if where == cohort and item.value is not None} for cohort in cohorts]
    return cohorts_table(f"Discrimination, {name(endpoint.name)} (95 % CI)",
                         ("Model", *map(name, cohorts)), columns)


def _comparison(item: ModelComparison, titles: dict[str, str], endpoint: str) -> tuple[str, ...]:
    difference = item.difference
    both = f"{name(titles.get(item.first, item.first))} − {name(titles.get(item.second, item.second))}"
    return (f"{both} ({rows_text(item.n, item.counted)})",
            f"{name(endpoint)}: {item.measure}" + (f" ({difference.method})" if difference.method else ""),
            fixed(difference.first.value), fixed(difference.second.value),
            interval(difference.difference, difference.lower, difference.upper), fixed(difference.se, 4),
            fixed(difference.z, 2), p_cell(difference.p))


def controls_section(nested: Sequence[NestedResampling], permutations: Sequence[PermutationControl],
                     signatures: Sequence[SignatureResult]) -> Section:
    """Return what the selection itself is worth, where that was asked for."""
    titles = {signature.id: signature.title for signature in signatures}
    blocks: list[Block] = [block for item in nested for block in _nested(item, titles)]
    if not nested:
        blocks.append(missing("No nested resampling", "It was not asked for (option --nested). The training cohort's "
                              "figures contain the optimism of the selection; judge by the validation cohorts."))
    blocks += [block for item in permutations for block in _permutations(item, titles)]
    if not permutations:
        blocks.append(missing("No permutation control", "It was not asked for (option --permutations), or no cohort "
                              "allowed it."))
    return Section(CONTROLS, tuple(blocks))


def _nested(item: NestedResampling, titles: dict[str, str]) -> tuple[Block, ...]:
    spread = "" if item.sd is None else f" ± {fixed(item.sd)} (SD over folds)"
    mean = "no fold gave a signature" if item.mean is None else fixed(item.mean) + spread
    rows = [("Nested resampling of", name(titles.get(item.signature, item.signature))), (f"Mean {item.measure}", mean),
            ("By fold", ", ".join(map(fixed, item.values.tolist()))),
            ("Outer folds", f"{item.folds}" + (f", of which {item.failed} without result" if item.failed else ""))]
    shown = list(item.selected.items())[:_MOST]
    more = f", the first {_MOST} of {len(item.selected)}" if len(item.selected) > _MOST else ""
    return all_blocks(facts(rows), *(Paragraph(sentence(reason)) for reason in item.reasons),
                      table(f"How often features were selected{more}", ("Feature", f"Of {item.folds} folds"),
                            [(name(feature), str(count)) for feature, count in shown]))


def _permutations(item: PermutationControl, titles: dict[str, str]) -> tuple[Block, ...]:
    rows = [("Shuffled training outcomes of", name(titles.get(item.signature, item.signature))),
            ("Measured in", f"{name(item.cohort)} cohort"),
            ("Permutations", f"{item.permutations}, of which {item.empty} selected nothing")]
    if item.mean is not None and item.lower is not None and item.upper is not None:
        verdict = "too few to tell whether 0.5 (chance) is covered" if len(item.values) < _ENOUGH else \
            f"0.5 (chance) is {'' if item.lower <= _CHANCE <= item.upper else 'not '}covered"
        rows += [(f"{item.measure} when shuffled", f"mean {fixed(item.mean)}, 2.5 to 97.5 %: {fixed(item.lower)} to "
                                                   f"{fixed(item.upper)}; {verdict}"),
                 ("Each", ", ".join(number(value, 3) for value in item.values.tolist()[:_MOST]))]
    rows.append((f"{item.measure} of the study", fixed(item.observed) or "none: the signature does not exist"))
    return (facts(rows),)

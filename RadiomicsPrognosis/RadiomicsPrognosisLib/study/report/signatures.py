"""The report on features: reproducibility, the steps of a selection, and the signature that it gives."""

from __future__ import annotations

import numpy as np

from ...notation import fixed
from ...reading.rule import Reproducibility, SourceTable
from ...report.blocks import Block, DataTable, Facts, Paragraph, Section
from ...report.elements import all_blocks, facts, missing, name, sentence, table
from ...texts import number
from ..results.cohorts import rows_text
from ..results.signatures import ForestSelection, PenalisedSelection, SignatureResult
from .pictures import agreement_picture, signature_pictures
from .record_tables import stand_in

REPRODUCIBILITY = "Reproducibility of the features"

#: Most features of a forest that are listed beyond those selected.
_NEXT = 5

_MEASURES = {"deviance": "deviance", "auc": "AUC", "C": "C-index"}


def reproducibility_section(filtered: Reproducibility | None) -> Section:
    """Return which features repeat over readers and sessions."""
    if filtered is None:
        return Section(REPRODUCIBILITY, (missing("No reproducibility filter", "No repeated contours were given with "
                                                 "this run, or its recipe asks for none; every feature went on."),))
    if filtered.table is not None:
        return _given_filter(filtered, filtered.table)
    head = ("Comparison", "Readings", "Features", "Cases", "Median ICC", "Without value", "Kept")
    rows = []
    for item in filtered.agreements:
        form = item.icc.forms[filtered.form]
        known = form.icc.compressed()
        cases = sorted(set(item.icc.subjects))
        rows.append((name(item.comparison), name(", ".join(item.readings)), str(len(item.icc.features)),
                     str(cases[0]) if len(cases) == 1 else f"{cases[0]}–{cases[-1]}",
                     fixed(float(np.median(known))) if len(known) else "",
                     str(sum(status != "ok" for status in item.icc.status)), str(len(item.features))))
    return Section(REPRODUCIBILITY, all_blocks(
        facts([("Rule", f"{filtered.text} in every comparison"),
               ("Kept", f"{len(filtered.kept)} features")]),
        table("Agreement of repeated readings", head, rows, (0, 1)), agreement_picture(filtered),
        Paragraph("The values of every feature are in tables/reproducibility.csv.")))


def _given_filter(filtered: Reproducibility, source: SourceTable) -> Section:
    """Return what the table of a filter says of the rule that it was made by."""
    return Section(REPRODUCIBILITY, (
        facts([("Rule", f"{filtered.text} in every comparison"),
               ("Judged by", name(", ".join(filtered.comparisons))),
               ("Kept", f"{len(filtered.kept)} features"),
               ("Table", f"{name(source.file)}, SHA-256 {source.sha256}" if source.sha256 else name(source.file))]),
        Paragraph("The features were not judged in this run: exactly those that the table keeps went on.")))


def signature_section(signature: SignatureResult) -> Section:
    """Return one signature: its selection step by step, and its terms."""
    blocks: list[Block] = [
        facts([("Identifier", name(signature.id)), ("Endpoint", name(signature.endpoint)),
               ("Learned from", f"{_rows(signature)} with {signature.events} events" if signature.n else "")]),
        *table("Selection step by step", ("Step", "Features before", "After", "What was done"),
               [(name(step.name), str(step.before), str(step.after), sentence(step.text)) for step in signature.steps],
               (0, 3))]
    if signature.reason:
        blocks.append(missing("No signature", signature.reason))
    blocks += stand_in(signature.note)
    if signature.penalised is not None:
        blocks.append(_penalised(signature.penalised))
    if signature.forest is not None:
        blocks += _forest(signature.forest)
    blocks += signature_pictures(signature)
    if signature.terms:
        blocks += _terms(signature)
    return Section(f"Signature: {name(signature.title)}", tuple(blocks))


def _rows(signature: SignatureResult) -> str:
    text = rows_text(signature.n, signature.counted)
    return f"{text} training rows" if signature.counted is None else f"{text} in training"


def _penalised(lasso: PenalisedSelection) -> Facts:
    def at(index: int) -> str:
        return (f"{number(lasso.lambdas[index], 4)} (number {index + 1} of {len(lasso.lambdas)}): "
                f"{int(lasso.df[index])} features, {_MEASURES.get(lasso.measure, lasso.measure)} "
                f"{number(lasso.cvm[index], 5)} ± {number(lasso.cvsd[index], 3)}, deviance ratio "
                f"{fixed(lasso.dev_ratio[index])}")

    asked = f"lambda.{lasso.rule}" + ("" if lasso.rule == lasso.used_rule else
                                     f" was asked for; lambda.{lasso.used_rule} was taken")
    ties = f", {lasso.ties.capitalize()} ties" if lasso.ties else ""
    return facts([("Penalised regression", f"LASSO, {lasso.family.capitalize()} likelihood{ties}"),
                  ("Cross-validation", f"{lasso.folds} folds, by {_MEASURES.get(lasso.measure, lasso.measure)}"),
                  ("lambda.min", at(lasso.index_min)), ("lambda.1se", at(lasso.index_1se)), ("Rule", asked),
                  ("On the path", f"{len(lasso.features)} features are selected somewhere")])


def _forest(forest: ForestSelection) -> tuple[Block, ...]:
    count = min(forest.selected + _NEXT, len(forest.features))
    rows = [(str(place + 1), name(forest.features[place]), number(forest.importances[place], 4),
             "selected" if place < forest.selected else "") for place in range(count)]
    return all_blocks(Paragraph(sentence(forest.text)), facts([("Random forest", f"{forest.trees} trees")]),
                      table("Largest importances (mean decrease of impurity)", ("Rank", "Feature", "Importance", ""),
                            rows, (1, 3)))


def _terms(signature: SignatureResult) -> tuple[Block, ...]:
    """Return the terms, largest coefficient first, and the formula they belong to."""
    named = {term.input for term in signature.terms}
    inputs, scaled = len(named) > 1 or not named <= {"", "image"}, signature.is_standardised
    head = ("Feature", *(["Image"] if inputs else []), "Coefficient",
            *(["Training mean", "Training SD"] if scaled else []))
    rows = []
    for term in sorted(signature.terms, key=lambda item: -abs(item.coefficient)):
        scale = ["" if value is None else number(value, 8) for value in (term.mean, term.sd)] if scaled else []
        rows.append((name(term.feature), *((name(term.input),) if inputs else ()), number(term.coefficient, 8), *scale))
    rows.append(("Intercept", *[""] * inputs, number(signature.intercept, 8), *[""] * (2 * scaled)))
    value = "(value − training mean) / training SD" if scaled else "value"
    title = f"{len(signature.terms)} selected features and their coefficients"
    return (Paragraph(f"Score = intercept + sum of coefficient × {value}."),
            DataTable(title, head, tuple(rows), frozenset(range(1 + inputs, len(head)))))

"""The report on features: reproducibility, the steps of a selection, and the signature that it gives."""

from __future__ import annotations

import numpy as np

from ...notation import fixed
from ...report.blocks import Block, DataTable, Facts, Paragraph, Section
from ...texts import number
from ..results import ForestSelection, PenalisedSelection, Reproducibility, SignatureResult
from .elements import all_blocks, facts, missing, name, sentence, table
from .pictures import agreement_picture, signature_pictures

REPRODUCIBILITY = "Reproducibility of the features"

#: Most features of a forest that are listed beyond those selected.
_NEXT = 5

_MEASURES = {"deviance": "deviance", "auc": "AUC", "C": "C-index"}


def signature_title(made: SignatureResult) -> str:
    """Return the title of a signature's section."""
    return f"Signature: {name(made.title)}"


def reproducibility_section(found: Reproducibility | None) -> Section:
    """Return which features repeat over readers and sessions."""
    if found is None:
        return Section(REPRODUCIBILITY, (missing("No reproducibility filter", "No repeated contours were given with "
                                                 "this run, or its recipe asks for none; every feature went on."),))
    head = ("Comparison", "Readings", "Features", "Cases", "Median ICC", "Without value", "Kept")
    rows = []
    for item in found.agreements:
        form = item.icc.forms[found.form]
        known = form.icc.compressed()
        cases = sorted(set(item.icc.subjects))
        rows.append((name(item.comparison), name(", ".join(item.readings)), str(len(item.icc.features)),
                     str(cases[0]) if len(cases) == 1 else f"{cases[0]}–{cases[-1]}",
                     fixed(float(np.median(known))) if len(known) else "",
                     str(sum(status != "ok" for status in item.icc.status)), str(len(item.features))))
    rule = "estimate" if found.bound == "estimate" else "lower bound of the 95 % interval"
    return Section(REPRODUCIBILITY, all_blocks(
        facts([("Rule", f"{found.form}, {rule} ≥ {found.threshold:g} in every comparison"),
               ("Kept", f"{len(found.kept)} features")]),
        table("Agreement of repeated readings", head, rows, (0, 1)), agreement_picture(found),
        Paragraph("The values of every feature are in tables/reproducibility.csv.")))


def signature_section(made: SignatureResult) -> Section:
    """Return one signature: its selection step by step, and its terms."""
    blocks: list[Block] = [
        facts([("Identifier", name(made.id)), ("Endpoint", name(made.endpoint)),
               ("Learned from", f"{made.n} training rows with {made.events} events" if made.n else "")]),
        *table("Selection step by step", ("Step", "Features before", "After", "What was done"),
               [(name(step.name), str(step.before), str(step.after), sentence(step.text)) for step in made.steps],
               (0, 3))]
    if made.reason:
        blocks.append(missing("No signature", made.reason))
    if made.penalised is not None:
        blocks.append(_penalised(made.penalised))
    if made.forest is not None:
        blocks += _forest(made.forest)
    blocks += signature_pictures(made)
    if made.terms:
        blocks += _terms(made)
    return Section(signature_title(made), tuple(blocks))


def _penalised(part: PenalisedSelection) -> Facts:
    def at(index: int) -> str:
        return (f"{number(part.lambdas[index], 4)} (number {index + 1} of {len(part.lambdas)}): "
                f"{int(part.df[index])} features, {_MEASURES.get(part.measure, part.measure)} "
                f"{number(part.cvm[index], 5)} ± {number(part.cvsd[index], 3)}, deviance ratio "
                f"{fixed(part.dev_ratio[index])}")

    asked = f"lambda.{part.rule}" + ("" if part.rule == part.used_rule else
                                     f" was asked for; lambda.{part.used_rule} was taken")
    ties = f", {part.ties.capitalize()} ties" if part.ties else ""
    return facts([("Penalised regression", f"LASSO, {part.family.capitalize()} likelihood{ties}"),
                  ("Cross-validation", f"{part.folds} folds, by {_MEASURES.get(part.measure, part.measure)}"),
                  ("lambda.min", at(part.index_min)), ("lambda.1se", at(part.index_1se)), ("Rule", asked),
                  ("On the path", f"{len(part.features)} features are selected somewhere")])


def _forest(part: ForestSelection) -> tuple[Block, ...]:
    count = min(part.selected + _NEXT, len(part.features))
    rows = [(str(place + 1), name(part.features[place]), number(part.importances[place], 4),
             "selected" if place < part.selected else "") for place in range(count)]
    return all_blocks(Paragraph(sentence(part.text)), facts([("Random forest", f"{part.trees} trees")]),
                      table("Largest importances (mean decrease of impurity)", ("Rank", "Feature", "Importance", ""),
                            rows, (1, 3)))


def _terms(made: SignatureResult) -> tuple[Block, ...]:
    """Return the terms, largest coefficient first, and the formula they belong to."""
    inputs = len({term.input for term in made.terms}) > 1 or any(term.input not in ("", "image") for term in made.terms)
    scaled = any(term.mean is not None for term in made.terms)
    head = ("Feature", *(("Image",) if inputs else ()), "Coefficient", *(("Training mean", "Training SD") if scaled
                                                                       else ()))
    rows = []
    for term in sorted(made.terms, key=lambda item: -abs(item.coefficient)):
        scale = ["" if value is None else number(value, 8) for value in (term.mean, term.sd)] if scaled else []
        rows.append((name(term.feature), *((name(term.input),) if inputs else ()), number(term.coefficient, 8), *scale))
    rows.append(("Intercept", *[""] * inputs, number(made.intercept, 8), *[""] * (2 * scaled)))
    value = "(value − training mean) / training SD" if scaled else "value"
    title = f"{len(made.terms)} selected features and their coefficients"
    return (Paragraph(f"Score = intercept + sum of coefficient × {value}."),
            DataTable(title, head, tuple(rows), frozenset(range(1 + inputs, len(head)))))

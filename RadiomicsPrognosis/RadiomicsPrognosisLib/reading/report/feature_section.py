"""The report on features: ICCs by comparison, image type and class, and those of the model."""

from __future__ import annotations

import numpy as np

from ...notation import fixed
from ...report.blocks import Block, DataTable, Paragraph, Section
from ...report.elements import all_blocks, name, sentence, table
from ..figures.icc import LEVELS
from ..result import ICC_FILE, ReadingComparison, ReproducibilityResult
from .checklist import FEATURES
from .result_pictures import icc_pictures
from .words import icc_value, main_comparisons, per_cent


def features_section(result: ReproducibilityResult) -> Section:
    """Return how well the features repeat."""
    return Section(FEATURES, all_blocks(
        Paragraph(sentence(result.form_sentence)), _comparisons(result), icc_pictures(result), _forms(result),
        _model_features(result),
        Paragraph(f"Every feature's ICC in all six forms, with interval, F test and number of cases, is in "
                  f"{ICC_FILE}.")))


def _comparisons(result: ReproducibilityResult) -> tuple[DataTable, ...]:
    on = "" if result.filter.on == "estimate" else ", lower bound"
    head = ("Comparison", "Cases", "Median", *(f"≥ {level:.2f}{on}" for level in LEVELS), "No value", "Note")
    rows = []
    for item in result.comparisons:
        if item.icc is None:
            rows.append((name(item.title), str(len(item.cases)), *[""] * (len(LEVELS) + 2),
                         sentence(item.reason)))
            continue
        form = item.icc.forms[result.form]
        judged = form.icc if result.filter.on == "estimate" else form.lower
        known = form.icc.compressed()
        left = f"without {name(', '.join(item.left_out[:5]))}" if item.left_out else ""
        rows.append((name(item.title), str(len(item.cases)),
                     fixed(float(np.median(known))) if len(known) else "",
                     *(str(int((judged >= level).filled(False).sum())) for level in LEVELS),
                     str(len(item.icc.features) - len(known)), left))
    return table(f"{result.form} of {len(result.filter.features)} features by comparison", head, rows,
                 (0, len(head) - 1))


def _forms(result: ReproducibilityResult) -> tuple[DataTable, ...]:
    """Return the median over the features of each of the six forms, by comparison."""
    main = [item for item in main_comparisons(result) if item.icc is not None]
    forms = list(main[0].icc.forms) if main and main[0].icc else []
    rows = [(f"{form}{' (used)' if form == result.form else ''}", *(_median(item, form) for item in main))
            for form in forms]
    return table("Median ICC of the features in the six forms of Shrout and Fleiss",
                 ("Form", *(name(item.title) for item in main)), rows)


def _median(item: ReadingComparison, form: str) -> str:
    if item.icc is None:
        return ""
    known = item.icc.forms[form].icc.compressed()
    return fixed(float(np.median(known))) if len(known) else ""


def _model_features(result: ReproducibilityResult) -> tuple[Block, ...]:
    """Return every feature of the model with its ICCs; what fails comes first."""
    if result.model is None:
        return ()
    main = [item for item in main_comparisons(result) if item.icc is not None]
    failed = {item.feature for item in result.filter.failed}
    rows = []
    for feature in sorted(dict.fromkeys(result.model.features), key=lambda item: item not in failed):
        cells = [_feature_icc(item, feature, result.form) for item in main]
        rows.append((feature, *cells, "fails" if feature in failed else "kept"))
    title = (f"Features of the model {name(result.model.id)}: {len(failed)} of {len(result.model.features)} fail at "
             f"{result.filter.threshold:g} ({result.form}, {per_cent(result.confidence)} CI)")
    return table(title, ("Feature", *(name(item.title) for item in main), "Filter"), rows, (0, 1 + len(main)))


def _feature_icc(item: ReadingComparison, feature: str, form: str) -> str:
    if item.icc is None or feature not in item.icc.features:
        return ""
    index = item.icc.features.index(feature)
    return icc_value(item.icc, form, index).text or item.icc.status[index]

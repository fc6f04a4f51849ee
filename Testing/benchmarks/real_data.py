"""Run shipped recipes on real data that packages ship, and print what came out as Testing/REAL_DATA.md.

The data are not radiomics (gene expression, cytology), and covariates and time scale are others: each run takes a
recipe's steps and replaces its columns, nothing else. Needs the package SurvSet, which reads its data with pickle;
install it apart, e.g. 'pip install --target DIR SurvSet'. Usage: PYTHONPATH=DIR real_data.py [permutations]
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

from RadiomicsPrognosisLib.files import read_toml
from RadiomicsPrognosisLib.resources import find
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.results import ModelResult, StudyResult
from RadiomicsPrognosisLib.study.run import Options, run_study

#: How SurvSet writes a missing category.
_MISSING = ("missing", "na", "x")

_YES_NO = [{"label": "no", "value": 0}, {"label": "yes", "value": 1}]
_AGE = {"name": "age", "title": "Age", "kind": "continuous", "unit": "years"}
_ER = {"name": "er", "title": "Oestrogen receptor", "kind": "binary", "levels": _YES_NO}
_GRADE = {"name": "grade", "title": "Grade", "kind": "ordinal",
          "levels": [{"label": label, "value": int(label)} for label in "123"]}
_SIZE = {"name": "size", "title": "Size class", "kind": "ordinal",
         "levels": [{"label": label, "value": int(label)} for label in "1234"]}


def shipped(name: str, **changes: Any) -> dict[str, Any]:
    """Return a shipped recipe's table without protocol and reproducibility filter, with ``changes``."""
    values = read_toml(find("Recipes", ".toml", name, "Recipe"), "Recipe")
    for key in ("protocol", "reproducibility"):
        values.pop(key, None)
    return {**values, **changes}


def survset(name: str) -> pd.DataFrame:
    """Return a data set of SurvSet with the columns case, time, event and its own."""
    from SurvSet.data import SurvLoader

    table = SurvLoader().load_dataset(name)["df"].rename(columns={"pid": "case"})
    table = table.rename(columns={column: column.removeprefix("num_") for column in table if "num_HS_" in column})
    text = table.select_dtypes(exclude="number").columns
    return table.assign(**{name: table[name].astype(object).where(~table[name].isin(_MISSING)) for name in text})


def s1_dbcd() -> tuple[dict[str, Any], pd.DataFrame]:
    """295 breast cancers, 4919 genes, death; no covariates, so of S1 the Rad-score alone."""
    table = survset("DBCD")
    table["time"] *= 12.0
    values = shipped("s1_escc_lpfs_radscore", covariates=[])
    values["split"]["stratify"] = ["event"]
    values["signatures"][0]["features"] = {"pattern": "num_.+"}
    values["models"] = values["models"][:1]
    values["endpoints"][0]["horizons_months"] = [36, 60, 120]
    return values, table


def s1_gse1992() -> tuple[dict[str, Any], pd.DataFrame]:
    """124 breast cancers, 15530 genes, with age, node, grade and size in the places of S1's clinical factors."""
    table = survset("gse1992").rename(columns={"num_age": "age", "fac_node_status": "node", "fac_grade": "grade",
                                               "fac_er_positive": "er", "fac_size": "size"})
    node = {"name": "node", "title": "Positive nodes", "kind": "binary", "levels": _YES_NO}
    values = shipped("s1_escc_lpfs_radscore", covariates=[_AGE, _ER, _GRADE, _SIZE, node])
    values["split"]["stratify"] = ["event"]
    values["signatures"][0]["features"] = {"pattern": "HS_.+", "missing": "leave out"}
    for model in values["models"][1:]:
        model["covariates"] = ["age", "er", "grade", "size", "node"]
    return values, table


def s4_gse4335() -> tuple[dict[str, Any], pd.DataFrame]:
    """115 breast cancers, 12795 genes, halved at random into two 'phases'; three cohorts drawn at random, 50:25:25."""
    table = survset("gse4335").rename(columns={"num_age": "age", "fac_grade": "grade", "fac_er_status": "er",
                                               "fac_tumor_size": "size", "fac_metastasis": "metastasis"})
    generator = np.random.default_rng(4335)
    genes = [column for column in table if column.startswith("HS_")]
    first = set(generator.permutation(genes)[:len(genes) // 2])
    table = table.rename(columns={gene: f"{'arterial' if gene in first else 'venous'}:dl_{gene}" for gene in genes})
    order = generator.permutation(len(table))
    table["cohort"] = np.select([order < 57, order < 86], ["training", "internal"], "external")
    metastasis = {"name": "metastasis", "title": "Metastasis", "kind": "binary", "levels": _YES_NO}
    values = shipped("s4_gnen_dl_survival", covariates=[_AGE, _ER, _GRADE, _SIZE, metastasis])
    for signature in values["signatures"]:
        signature["features"]["missing"] = "leave out"
    values["models"][1]["covariates"] = ["age", "er", "grade", "size", "metastasis"]
    values["endpoints"][0]["horizons_months"] = [24, 36]
    return values, table


def s2_breast_cancer() -> tuple[dict[str, Any], pd.DataFrame]:
    """569 fine-needle aspirates, 30 cytological features, benign or malignant; of S2 the response score alone."""
    data = load_breast_cancer(as_frame=True)
    table = data.data.add_prefix("cell ")
    table.insert(0, "case", [f"a{i}" for i in range(len(table))])
    table["response"] = data.target
    table["cohort"] = np.where(np.random.default_rng(569).random(len(table)) < 0.79, "training", "validation")
    values = shipped("s2_escc_ln_response", covariates=[])
    values["endpoints"], values["signatures"] = values["endpoints"][:1], values["signatures"][:1]
    values["models"] = values["models"][:1]
    values["signatures"][0]["features"] = {"pattern": "cell .+"}
    return values, table


RUNS: tuple[tuple[str, Callable[[], tuple[dict[str, Any], pd.DataFrame]]], ...] = (
    ("S1 on DBCD", s1_dbcd), ("S1 on gse1992", s1_gse1992), ("S4 on gse4335", s4_gse4335),
    ("S2 on scikit-learn's breast_cancer", s2_breast_cancer))


def describe(title: str, about: str, result: StudyResult, seconds: float) -> list[str]:
    """Return a section of the page."""
    lines = [f"## {title}", "", about, "", f"Ran in {seconds:.0f} s. Cohorts: " + ", ".join(
        f"{item.name} {item.rows} rows" for item in result.cohorts) + ".", ""]
    for signature in result.signatures:
        text = signature.penalised.text if signature.penalised else signature.reason
        lines.append(f"* Signature `{signature.id}` ({signature.n} rows, {signature.events} events): {text}")
    lines += [f"* No model `{model.id}`: {model.reason}" for model in result.models if model.reason]
    lines += ["", "| model | cohort | n | events | measure | value (95 % CI) | groups |",
              "|---|---|---|---|---|---|---|"]
    for model in result.models:
        lines += _rows(model)
    for item in result.permutations:
        span = "nothing selected" if item.mean is None else (
            f"{item.mean:.3f} ({item.lower:.3f} - {item.upper:.3f})")
        observed = "none" if item.observed is None else f"{item.observed:.3f}"
        lines += ["", f"Outcomes shuffled {item.permutations} times, `{item.signature}` in cohort {item.cohort}: "
                  f"{item.empty} selected nothing; {item.measure} of the others: mean (2.5 - 97.5 %) {span}; "
                  f"with the true outcomes {observed}."]
    findings = [text for text in result.findings if not text.startswith("Signature")]
    return [*lines, "", *(f"* {text}" for text in findings), ""]


def _rows(model: ModelResult) -> list[str]:
    rows = []
    for item in model.cohorts:
        if item.survival:
            area, name, ratio = item.survival.concordance, "C-index", item.survival.hazard_ratio
            value = None if area is None else area.c
            groups = "-" if ratio is None else f"HR {ratio.ratio:.2f} ({ratio.lower:.2f} - {ratio.upper:.2f})"
        else:
            area, name, called = item.binary.auc, "AUC", item.binary.classification
            value = None if area is None else area.auc
            groups = "-" if called is None else f"sens. {called.sensitivity:.3f}, spec. {called.specificity:.3f}"
        shown = "-" if area is None else f"{value:.3f} ({area.lower:.3f} - {area.upper:.3f})"
        rows.append(f"| {model.id} | {item.cohort} | {item.n} | {item.events} | {name} | {shown} | {groups} |")
    return rows


def main(permutations: int) -> int:
    """Print the page; without the data's package say so and return 2."""
    if importlib.util.find_spec("SurvSet") is None:
        print("SurvSet, whose data this needs, is not installed: pip install --target DIR SurvSet, then run with "
              "PYTHONPATH=DIR.", file=sys.stderr)
        return 2
    print("# Recipes on real data\n\nWritten by `Testing/benchmarks/real_data.py`, whose docstrings say what was "
          "replaced. The data are breast cancers' gene expression (package SurvSet) and cytology (scikit-learn): no "
          "radiomics, but real, and the first three censored and high-dimensional. Every run is shown, with the "
          "recipe's own seed.\n")
    for title, make in RUNS:
        values, table = make()
        start = time.perf_counter()
        result = run_study(parse_recipe(values, title), table, options=Options(permutations=permutations)).result
        seconds = time.perf_counter() - start
        print("\n".join(describe(title, " ".join(make.__doc__.split()), result, seconds)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))

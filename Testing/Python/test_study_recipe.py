"""Recipes: those that ship load and name the steps of the papers; a broken one is refused by file and key."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from study_cases import shipped_values

from RadiomicsPrognosisLib.errors import FileError, SchemaError
from RadiomicsPrognosisLib.resources import listing
from RadiomicsPrognosisLib.study.recipe.parsing import load_recipe, parse_recipe

SHIPPED = ("s0_escc_lnm_cnn", "s1_escc_lpfs_radscore", "s2_escc_ln_response", "s3_escc_early_recurrence",
           "s4_gnen_dl_survival")


def test_the_five_recipes_ship_and_load() -> None:
    assert tuple(sorted(listing("Recipes", ".toml"))) == SHIPPED
    for name in SHIPPED:
        assert load_recipe(name).id == name


def test_recipes_say_what_the_papers_did() -> None:
    """Thresholds, rules and folds as the papers' methods sections print them."""
    s0, s1, s2, s3, s4 = map(load_recipe, SHIPPED)
    assert [item.reproducibility.threshold for item in (s1, s2, s3, s4)] == [0.9, 0.75, 0.75, 0.8]
    rules = {(item.id, signature.id): (signature.penalised.folds, signature.penalised.rule)
             for item in (s1, s2, s3, s4) for signature in item.signatures}
    assert rules == {
        ("s1_escc_lpfs_radscore", "radscore"): (10, "min"), ("s2_escc_ln_response", "radscore_response"): (10, "1se"),
        ("s2_escc_ln_response", "radscore_control_2y"): (5, "1se"),
        ("s3_escc_early_recurrence", "radiomics"): (10, "1se"),
        ("s4_gnen_dl_survival", "arterial"): (10, "min"), ("s4_gnen_dl_survival", "venous"): (10, "min")}
    assert s0.signature("lnm_forest").forest.select == 9
    assert [signature.scaling for signature in s2.signatures] == ["none", "none"]
    assert s3.signature("radiomics").univariate.p_at_most == 0.05
    assert s1.endpoints[0].horizons == (12, 24, 36)
    assert s4.endpoints[0].horizons == (36, 60)
    assert s4.models[-1].selection.backward_aic


def broken(path: str, value: Any) -> dict[str, Any]:
    """Return S1's recipe with one entry changed; ``path`` is dotted, numbers index lists, '-' deletes."""
    values = copy.deepcopy(shipped_values("s1_escc_lpfs_radscore"))
    *parents, last = path.split(".")
    target: Any = values
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target.setdefault(key, {})
    if value == "-":
        del target[last]
    else:
        target[last] = value
    return values


@pytest.mark.parametrize(("path", "value", "message"), [
    ("colour", "red", r"x.toml: 'colour' is not a known key; allowed: .*signatures"),
    ("signatures.0.penalised.rule", "best", r"'signatures\[1\].penalised.rule' is 'best'; allowed: min, 1se"),
    ("signatures.0.penalised.lambda", 1, r"'lambda' is not a known key|'signatures\[1\].penalised.lambda' is not a"),
    ("signatures.0.penalised.measure", "auc", r"names 'auc'; allowed: deviance, C"),
    ("signatures.0.scaling", "minmax", "allowed: z-score, none"),
    ("signatures.0.features", {}, "exactly one of protocol = true, pattern, names and signature"),
    ("signatures.0.features", {"pattern": "("}, "is not a regular expression"),
    ("signatures.0.endpoint", "os", "names 'os'; allowed: lpfs"),
    ("signatures.0.forest", {"select": 9}, "exclude each other"),
    ("signatures.0.redundancy", {"spearman_at_least": 0.9, "prefer": "lowest p"}, "needs the table 'univariate'"),
    ("models.0.signatures", ["other"], "names 'other'; allowed: radscore"),
    ("models.0.cutoff.rule", "youden", "'youden' does not fit a time-to-event endpoint"),
    ("models.0.fit", "none", "needs one signature of the same binary endpoint"),
    ("models.1.cutoff.on", "score", "needs exactly one signature"),
    # The nomogram takes the Rad-score's cut-off over: it must be on the same scale.
    ("models.0.cutoff.on", "linear predictor", "'models.nomogram.cutoff.model' names 'radscore'"),
    ("models.1.covariates_of", "nomogram", "names 'nomogram'; allowed: radscore"),
    ("endpoints.0.horizons_months", [24, 12], "one or more rising times"),
    ("reproducibility.form", "ICC(4,1)", r"allowed: ICC\(1,1\)"),
    ("split.training_fraction", 1.5, "allowed: >= 0.1 and <= 0.95"),
    ("protocol", "no-such-protocol", "'protocol' cannot be used"),
    ("signatures.0.id", "n_stage", "must not have the id 'n_stage'"),
    ("models", [], "at least one model"),
    ("id", "../../elsewhere/x", "identifiers name files"),
    ("models.0.id", "a/b c", "identifiers name files"),
    ("signatures.0.features", {"names": ["original_glcm_Contrast", "event"]}, "names event, which the recipe uses"),
])
def test_a_broken_recipe_names_key_and_what_is_allowed(path: str, value: Any, message: str) -> None:
    with pytest.raises(SchemaError, match=message):
        parse_recipe(broken(path, value), "x.toml")


def test_an_unknown_recipe_names_those_at_hand() -> None:
    with pytest.raises(FileError, match="s1_escc_lpfs_radscore"):
        load_recipe("s9")


def test_the_hash_follows_the_content() -> None:
    values = shipped_values("s1_escc_lpfs_radscore")
    one, other = parse_recipe(values, "a"), parse_recipe(broken("seed", 2), "a")
    assert one.hash == parse_recipe(values, "b").hash != other.hash

"""What a table of readings comes to: R's ICCs, unbalanced designs, scores on the one path, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
from fixtures import columns, reference
from reproducibility_cases import BOTH, RULE, S1, S2, SCALING, model_readings, readings, simulated

from RadiomicsPrognosisLib.cohort.scoring import score_features
from RadiomicsPrognosisLib.errors import CohortError, InputError, ModelMismatch, SchemaError
from RadiomicsPrognosisLib.reading.analysis import analyse_readings, contour_pairs
from RadiomicsPrognosisLib.reading.result_tables import result_tables
from RadiomicsPrognosisLib.reading.rule import FORM_SENTENCES
from RadiomicsPrognosisLib.reading.study_result import INTER, INTRA, OVERALL, PAIR, parse_result, read_result
from RadiomicsPrognosisLib.statistics.bland_altman import limits_of_agreement
from RadiomicsPrognosisLib.statistics.icc import FORMS, intraclass_correlation

analysed = partial(analyse_readings, rule=RULE)


# Against R

def test_the_table_of_icc_equals_psych() -> None:
    data, expected = columns("fx_icc_two_sessions"), reference("fx05_icc")
    names = [item["feature"] for item in expected["two_sessions"]["features"]]
    table = readings({name: np.array([data[f"{name}_1"], data[f"{name}_2"]]).T for name in names}, "AA", "12")
    tables = result_tables(analysed(table))
    icc = tables["icc.csv"].set_index(["comparison", "feature", "form"])
    assert len(icc) == len(names) * 6
    for item in expected["two_sessions"]["features"]:
        for form, theirs in zip(FORMS, item["forms"], strict=True):
            ours = icc.loc[("intra-reader A", item["feature"], form)]
            assert tuple(ours[["icc", "f", "df1", "df2", "p", "lower", "upper"]]) == pytest.approx(tuple(
                theirs[key] for key in ("icc", "F", "df1", "df2", "p", "lo", "hi")), rel=1e-9, abs=1e-9)


def test_four_readers_equal_psych_and_their_pairs_irr_s_way() -> None:
    expected = reference("fx05_icc")["shrout_fleiss"]
    matrix = np.array(expected["matrix"], float)
    result = analysed(readings({"rating": matrix}, "ABCD"), rule=replace(RULE, threshold=0.0))
    assert [item.kind for item in result.comparisons] == [INTER] + [PAIR] * 6
    assert [item.title for item in result.comparisons[:2]] == ["A, B, C and D", "A and B"]
    inter = result.comparison("inter-reader").icc
    for form, theirs in zip(FORMS, expected["forms"], strict=True):
        assert inter.forms[form].icc[0] == pytest.approx(theirs["icc"], rel=1e-9)
    for item in result.of_kind(PAIR):
        first, second = ("ABCD".index(label[0]) for label in item.readings)
        alone = intraclass_correlation(matrix[None][:, :, [first, second]])
        assert item.icc.forms["ICC(2,1)"].icc[0] == alone.forms["ICC(2,1)"].icc[0]


@pytest.mark.parametrize("name", ["two", "three", "shifted"])
def test_every_design_equals_irr(name: str) -> None:
    design = reference("fx16_readings")["icc"][name]
    matrix = np.array(design["readings"])
    result = analysed(readings({"rating": matrix}, "ABC"[:matrix.shape[1]]))
    for form, theirs in zip(FORMS, design["forms"], strict=True):
        assert result.comparisons[0].icc.forms[form].icc[0] == pytest.approx(theirs["icc"], rel=1e-9)


# Designs

def test_two_readers_with_two_sessions_give_every_comparison_once() -> None:
    result = analysed(simulated(S1.term_keys, BOTH))
    assert [(item.id, item.readings) for item in result.comparisons] == [
        ("intra-reader A", ("A · 1", "A · 2")), ("inter-reader", ("A · 1", "B · 1")),
        ("intra-reader B", ("B · 1", "B · 2")), ("inter-reader 2", ("A · 2", "B · 2")),
        ("overall", ("A · 1", "A · 2", "B · 1", "B · 2"))]
    assert result.filter.comparisons == ("intra-reader A", "inter-reader")
    assert contour_pairs(simulated(S1.term_keys, BOTH)) == tuple(
        item.readings for item in result.comparisons if item.kind != OVERALL)
    assert result.plan.is_complete and result.plan.rows == 120
    assert result.form_sentence == FORM_SENTENCES["ICC(2,1)"]


def test_an_unbalanced_study_compares_what_is_there() -> None:
    """B lacks the second session, C one case, and a row of A could not be extracted."""
    table = simulated(S1.term_keys, [("A", "1"), ("A", "2"), ("B", "1"), ("C", "1")])
    table = table[~((table["reader"] == "C") & (table["case"] == "P7"))]
    failed = (table["reader"] == "A") & (table["session"] == "2") & (table["case"] == "P3")
    table = table.assign(error=np.where(failed, "the mask is empty", None))
    result = analysed(table)
    assert [item.id for item in result.comparisons] == [
        "intra-reader A", "inter-reader", "overall", "pair A · 1 - B · 1", "pair A · 1 - C · 1", "pair B · 1 - C · 1"]
    cases = {item.id: (len(item.cases), item.left_out) for item in result.comparisons}
    assert cases["intra-reader A"] == (29, ("P3",)) and cases["inter-reader"] == (29, ("P7",))
    assert cases["overall"] == (28, ("P3", "P7")) and cases["pair A · 1 - B · 1"] == (30, ())
    assert [(item.case, item.reading) for item in result.plan.missing] == [("P3", "A · 2"), ("P7", "C · 1")]
    assert result.plan.left_out[0].reason == "the mask is empty"
    assert any("1 of 119 rows" in note and "the mask is empty" in note for note in result.notes)
    name = S1.term_keys[0]
    wide = table[~failed].pivot(index="case", columns=["reader", "session"], values=name)
    for item in result.comparisons:
        values = wide[[tuple(label.split(" · ")) for label in item.readings]].dropna().to_numpy()
        own = intraclass_correlation(values[None])
        for form in FORMS:
            assert item.icc.forms[form].lower[0] == pytest.approx(own.forms[form].lower[0], rel=1e-9), item.id


def test_a_reader_who_reread_one_case_cannot_be_judged_and_that_is_said() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1"), ("A", "2")])
    table = table[(table["session"] == "1") | (table["case"] == "P0")]
    result = analysed(table)
    assert result.filter.comparisons == ("inter-reader",)
    assert result.comparison("intra-reader A").icc is None
    assert "1 cases in common" in result.comparison("intra-reader A").reason
    assert [item.code for item in result.warnings] == ["filter"]


def test_readers_or_sessions_may_be_missing_altogether() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1")])
    by_reader, by_session = table.drop(columns="session"), table.drop(columns="session").rename(
        columns={"reader": "session"})
    assert [item.kind for item in analysed(by_reader).comparisons] == [INTER]
    result = analysed(by_session)
    assert [(item.kind, item.title) for item in result.comparisons] == [(INTRA, "Sessions A and B")]
    assert any("no inter-reader comparison: there is one reader" in note for note in result.notes)


def test_several_lesions_of_a_case_are_told_apart_by_label() -> None:
    one = simulated(S1.term_keys, [("A", "1"), ("B", "1")], 8).assign(label="1")
    two = simulated(S1.term_keys, [("A", "1"), ("B", "1")], 8, seed=5).assign(label="2")
    result = analysed(pd.concat([one, two]))
    assert len(result.plan.cases) == 16 and result.plan.cases[:2] == ("P0 / 1", "P0 / 2")


def test_labels_that_name_the_reader_do_not_part_the_readings() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1")])
    named = analysed(table.assign(label=table["reader"] + ", first"))
    assert len(named.comparisons[0].cases) == 30
    assert any("names of the drawings" in note for note in named.notes)
    plain = analysed(table.assign(label="tumour"))
    assert len(plain.comparisons[0].cases) == 30 and plain.plan.cases[0] == "P0 / tumour"
    # One lesion is read by both, another by A alone: labels tell VOIs apart.
    more = table[table["reader"] == "A"].head(1).assign(label="2")
    mixed = analysed(pd.concat([table.assign(label="1"), more]))
    assert mixed.comparisons[0].left_out == ("P0 / 2",)


def test_identical_readings_are_probably_copies() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1")])
    assert not analysed(table).warnings
    a, b = (table.index[(table["reader"] == reader) & (table["case"] == "P4")][0] for reader in "AB")
    table.loc[b, S1.term_keys] = table.loc[a, S1.term_keys]
    warning = analysed(table).warnings[0]
    assert warning.code == "copied-reading" and "P4 (A · 1, B · 1)" in warning.message
    hashes = table.assign(voi_hash=[f"{number}" for number in range(len(table))])
    assert not analysed(hashes).warnings  # the contours are known to differ


def test_the_first_session_is_the_design_s_and_not_the_alphabet_s() -> None:
    table = simulated(S1.term_keys, [("A", "initial"), ("A", "after a month"), ("B", "initial"),
                                     ("B", "after a month")])
    by_name, by_design = analysed(table), analysed(table, session_order=("initial", "after a month"))
    assert by_name.comparison("inter-reader").readings == ("A · after a month", "B · after a month")
    assert by_design.comparison("inter-reader").readings == ("A · initial", "B · initial")
    assert by_design.comparison("intra-reader A").readings == ("A · initial", "A · after a month")
    assert by_design.plan.sessions == ("initial", "after a month")
    assert [item.id for item in by_design.of_kind(INTER)] == ["inter-reader", "inter-reader after a month"]
    assert contour_pairs(table, ("initial", "after a month"))[0] == ("A · initial", "A · after a month")


def test_readings_of_different_images_are_warned_about() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1")])
    table["image"] = [f"{case}.nrrd" for case in table["case"]]
    table.loc[3, "image"] = "other.nrrd"
    assert [item.code for item in analysed(table).warnings] == ["several-images"]


def test_constant_and_missing_features_have_no_value_and_are_not_kept() -> None:
    table = simulated(S1.term_keys, [("A", "1"), ("B", "1")], noise=0.05)
    constant, holed = S1.term_keys[:2]
    table[constant] = 2.0
    table.loc[table["case"] == "P5", holed] = np.nan
    result = analysed(table)
    icc = result.comparisons[0].icc
    assert icc.status[:2] == ("constant", "ok") and icc.dropped[1] == 1
    assert constant not in result.filter.kept and holed in result.filter.kept
    row = result_tables(result)["filter.csv"].set_index("feature").loc[constant]
    assert row["kept"] == "no" and pd.isna(row["inter-reader"])
    everything = result.comparisons[0].groups[0]
    assert (everything.features, everything.defined, everything.kept) == (17, 16, 16)


def test_contrary_readings_have_negative_iccs() -> None:
    generator = np.random.default_rng(0)
    x = generator.standard_normal(20)
    result = analysed(readings({"a": np.array([x, -x]).T, "b": np.array([x, x + 0.1 * x[::-1]]).T}, "AB"))
    icc = result.comparisons[0].icc.forms["ICC(2,1)"].icc
    assert icc[0] < -0.9 and result.filter.kept == ("b",)


# Features

def test_columns_that_are_no_features_are_left_aside() -> None:
    table = model_readings([("A", "1"), ("B", "1")], age=60, kept_voxels=100, seconds=30.0)
    result = analysed(table)
    assert set(result.filter.features) == set(S1.term_keys)
    assert any("column age" in note for note in result.notes)
    other = readings({"deep_1": np.random.default_rng(1).normal(size=(9, 2)), "deep_2": np.eye(9)[:, :2]}, "AB")
    assert analysed(other.assign(time=3.5)).filter.features == ("deep_1", "deep_2")


def test_groups_by_image_type_and_class_add_up() -> None:
    result = analysed(simulated(S1.term_keys, BOTH))
    groups = result.comparisons[0].groups
    for by in ("image type", "class"):
        assert sum(item.features for item in groups if item.by == by) == 17
    hll = next(item for item in groups if item.name == "wavelet-HLL")
    icc = result.comparisons[0].icc
    values = icc.forms["ICC(2,1)"].icc[[name.startswith("wavelet-HLL") for name in icc.features]]
    assert (hll.features, hll.median) == (3, pytest.approx(float(np.ma.median(values))))


# Scores

def test_scores_are_those_of_the_one_path() -> None:
    table = model_readings(BOTH)
    result = analysed(table, model=S1, scaling=SCALING)
    for (reader, session), rows in table.groupby(["reader", "session"]):
        alone = score_features(S1, rows.reset_index(drop=True), SCALING).set_index("case")
        mine = {item.case: item for item in result.scores if item.reading == f"{reader} · {session}"}
        assert [mine[case].score for case in alone.index] == alone["score"].tolist()
        assert [mine[case].group for case in alone.index] == alone["group"].tolist()
        assert [mine[case].survival[1] for case in alone.index] == alone["survival_24m"].tolist()
    score = result.comparison("inter-reader").score
    wide = {label: [item.score for item in sorted(result.scores, key=lambda item: item.case) if item.reading == label]
            for label in ("A · 1", "B · 1")}
    assert score.limits == limits_of_agreement(wide["A · 1"], wide["B · 1"])
    assert score.icc.forms["ICC(2,1)"].icc[0] == intraclass_correlation(
        np.array(list(wide.values())).T[None]).forms["ICC(2,1)"].icc[0]
    assert {item.case for item in score.flips} == {
        item.case for item in result.scores if item.reading == "A · 1"
        and item.group != next(other.group for other in result.scores
                               if (other.case, other.reading) == (item.case, "B · 1"))}
    assert [(item.what, item.months) for item in score.changes] == [("survival", 12), ("survival", 24),
                                                                    ("survival", 36)]
    overall = result.comparison("overall").score
    assert overall.limits is None and overall.kappa.method == "Fleiss" and overall.repeatability.readings == 4
    comparison, limits = result.widest_limits()
    assert limits.upper - limits.lower == max(item.score.limits.upper - item.score.limits.lower
                                              for item in result.pairs())
    assert comparison.score.limits is limits


def test_a_binary_model_compares_its_probability_or_says_that_it_has_none() -> None:
    generator = np.random.default_rng(3)
    features = {name: 3 + generator.standard_normal((12, 1)) + 0.2 * generator.standard_normal((12, 2))
                for name in S2.term_keys}
    score = analysed(readings(features, "AB"), model=S2).comparisons[0].score
    assert score.n == 12
    assert [item.what for item in score.changes] == ["probability"] * bool(S2.probability)


def test_without_a_scaling_only_features_are_analysed() -> None:
    result = analysed(model_readings(BOTH), model=S1)
    assert result.scores == () and all(item.score is None for item in result.comparisons)
    assert result.model.no_score and "means and SDs" in result.model.no_score
    assert [item.code for item in result.warnings] == ["scaling"]
    strict = analysed(model_readings(BOTH), rule=replace(RULE, threshold=0.95), model=S1).filter
    assert {item.feature for item in strict.failed} == set(S1.term_keys)


def test_scores_that_are_withheld_leave_their_case_out() -> None:
    table = model_readings([("A", "1"), ("B", "1")])
    table.loc[table["case"] == "P2", S1.term_keys[0]] = [np.nan, 1.0]
    table.loc[table["case"] == "P9", "n_stage"] = None
    score = analysed(table, model=S1, scaling=SCALING).comparisons[0].score
    assert (score.n, score.left_out) == (29, ("P2",))
    assert {item.n for item in score.changes} == {28}
    without = analysed(table.drop(columns="n_stage"), model=S1, scaling=SCALING).comparisons[0].score
    assert without.changes == () and any(
        "compared in no case" in reason for reason in without.reasons)


def test_one_group_has_no_kappa_and_says_so() -> None:
    table = model_readings([("A", "1"), ("B", "1")])
    table[S1.term_keys[0]] -= 1e6 * np.sign(S1.signature.terms[0].coefficient)
    kappa = analysed(table, model=S1, scaling=SCALING).comparisons[0].score.kappa
    assert kappa.kappa is None and kappa.observed == 1.0 and "not defined" in kappa.reason


def test_the_model_s_failing_features_are_named_with_their_value() -> None:
    noisy = S1.term_keys[4]
    table = model_readings([("A", "1"), ("B", "1")])
    table[noisy] = np.random.default_rng(9).normal(SCALING.means[noisy], SCALING.sds[noisy], len(table))
    result = analysed(table, model=S1, scaling=SCALING)
    assert [(item.feature, item.comparison, item.status) for item in result.filter.failed] == [
        (noisy, "inter-reader", "ok")]
    assert result.filter.failed[0].value < 0.6 and noisy not in result.filter.kept
    lower = analysed(table, rule=replace(RULE, bound="lower")).filter
    assert set(lower.kept) <= set(result.filter.kept)


# The record and its tables

def test_the_result_comes_back_from_json() -> None:
    result = analysed(model_readings(BOTH), model=S1, scaling=SCALING)
    values = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    back = parse_result(values, "reproducibility.json")
    assert back.to_dict() == result.to_dict()
    for name, table in result_tables(result).items():
        pd.testing.assert_frame_equal(result_tables(back)[name], table)
    with pytest.raises(SchemaError, match="it must be 'radiomics-prognosis/reproducibility/1'"):
        parse_result({"schema": "other"}, "x.json")
    with pytest.raises(SchemaError, match="no result of a reading study"):
        parse_result({**values, "form": 3}, "x.json")
    values["comparisons"][0]["icc"]["forms"]["ICC(1,1)"]["icc"][0] = "high"
    with pytest.raises(SchemaError, match="must hold numbers"):
        parse_result(values, "x.json")
    with pytest.raises(InputError, match="does not exist"):
        read_result("absent.json")


# Refusals

def changed(column: str, value: object, row: int = 0) -> pd.DataFrame:
    table = model_readings([("A", "1"), ("B", "1")]).astype({column: object})
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(("table", "error", "message"), [
    (simulated(S1.term_keys, [("A", "1")]), CohortError, "one reading of 30 cases"),
    (simulated(S1.term_keys, [("A", "1"), ("B", "1")], 1), CohortError, "1 cases in common"),
    (simulated(S1.term_keys, [("A", "1"), ("A", "1")]), CohortError, "case P0, reader A, session 1 twice"),
    (simulated(S1.term_keys, BOTH).drop(columns="case"), CohortError, "column 'case'"),
    (simulated(S1.term_keys, BOTH).drop(columns=["reader", "session"]), CohortError, "'reader' and 'session'"),
    (changed("reader", None), CohortError, r"Row 1 .*case P0.* has no reader"),
    (changed("protocol_hash", "0" * 64), ModelMismatch, "several protocols"),
    (changed("engine", "other"), ModelMismatch, "several engines"),
    (changed("engine_version", "2"), ModelMismatch, "several versions of the engine"),
    (changed(S1.term_keys[0], "n/a"), CohortError, "not a number"),
    (changed(S1.term_keys[0], 1e200).astype({S1.term_keys[0]: float}), CohortError, "cannot be a measured value"),
    (model_readings(BOTH).assign(error="failed"), CohortError, "no usable rows"),
    (model_readings(BOTH).drop(columns=S1.term_keys), CohortError, "no column of features"),
    (model_readings(BOTH).assign(**dict.fromkeys(S1.term_keys, 1.0)), CohortError, "No feature has an ICC"),
])
def test_tables_that_cannot_be_analysed_are_refused(table: pd.DataFrame, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        analysed(table)


def test_a_model_of_other_features_is_refused() -> None:
    with pytest.raises(CohortError, match="lacks the columns"):
        analysed(model_readings(BOTH), model=S2)
    with pytest.raises(ModelMismatch, match="protocol hash"):
        analysed(model_readings(BOTH).assign(protocol_hash="1" * 64), model=S1, scaling=SCALING)
    with pytest.raises(ModelMismatch, match="was made with the engine"):
        analysed(model_readings(BOTH).assign(engine="other"), model=S1, scaling=SCALING)


def test_session_2_comes_before_session_10() -> None:
    table = model_readings([("A", "10"), ("A", "2"), ("B", "10"), ("B", "2")])
    result = analysed(table)
    assert result.plan.sessions == ("2", "10")
    inter = next(item for item in result.comparisons if item.kind == INTER)
    assert inter.readings == ("A · 2", "B · 2"), "each reader's first session"

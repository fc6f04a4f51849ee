"""Cases of several inputs, one row each: joined alike wherever rows are studied, scored, scaled or compared."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phase_cases import PHASES, rows_by_input
from study_cases import cohort_table, readings_table, shipped_values

from RadiomicsPrognosisLib.cohort.inputs import Inputs, join_inputs
from RadiomicsPrognosisLib.cohort.scoring import score_features
from RadiomicsPrognosisLib.errors import CohortError, ModelMismatch
from RadiomicsPrognosisLib.reading.analysis import analyse_readings
from RadiomicsPrognosisLib.reading.rule import ReproducibilityFilter
from RadiomicsPrognosisLib.study.output.study_folder import Study
from RadiomicsPrognosisLib.study.recipe.parsing import parse_recipe
from RadiomicsPrognosisLib.study.recipe.recipe import Recipe
from RadiomicsPrognosisLib.study.run import run_study
from RadiomicsPrognosisLib.study.steps.validate import validate_model

#: Two phases of which the features 'cnn_0' and 'cnn_1' are told, and outcomes that must be alike.
TWO = Inputs(names=PHASES, who="model 'm'", alike=("time",), is_feature=lambda name: name.startswith("cnn_"))

CELLS = st.floats(-5, 5) | st.just(np.nan)


@settings(deadline=None, max_examples=30)
@given(data=st.data(), vois=st.integers(1, 5))
def test_joined_rows_are_the_wide_table_they_were(data: st.DataObject, vois: int) -> None:
    """Whatever their order, and where only one row tells what the rows of a VOI share."""
    def column() -> list[float]:
        return data.draw(st.lists(CELLS, min_size=vois, max_size=vois))

    wide = pd.DataFrame({"case": [f"P{number // 2}" for number in range(vois)],
                         "label": [str(number % 2) for number in range(vois)],
                         "time": column(), "n_stage": [f"N{number}" for number in range(vois)],
                         **{f"{phase}:{name}": column() for phase in PHASES
                            for name in ("cnn_0", "cnn_1", "original_glcm_Id", "kept_voxels")}})
    wide = wide.assign(**{f"{phase}:cnn_1": 0.0 for phase in PHASES})  # as a channel that never fires
    rows = rows_by_input(wide, seed=data.draw(st.integers(0, 99)))
    joined, notes = join_inputs(rows, TWO)
    expected = wide.set_index(["case", "label"]).sort_index()
    again = joined.set_index(["case", "label"]).sort_index()
    assert set(again) == set(expected)
    pd.testing.assert_frame_equal(again[list(expected)], expected, check_dtype=False)
    assert notes == [f"{2 * vois} rows of the inputs arterial, venous were joined to {vois}, one per VOI."]



def rows_of(**changes: Any) -> pd.DataFrame:
    """Return two cases of two phases, with ``changes`` to the columns."""
    return pd.DataFrame({"case": ["a", "a", "b", "b"], "input": [*PHASES] * 2, "time": [3.0, 3.0, 5.0, 5.0],
                         "cnn_0": [1.0, 2.0, 3.0, 4.0], **changes})


@pytest.mark.parametrize(("rows", "message"), [
    (rows_of().drop(index=3), "The cohort has no row of the input 'venous' for case b; add it, or remove the row of "
                              "'arterial'."),
    (rows_of(case=["a", "a", "b", "a"]), "Row 5 of the cohort repeats the input 'venous' of case a; keep one row"),
    (rows_of(time=[3.0, 4.0, 5.0, 5.0]), "Column 'time' of case a is '3.0' in the row of arterial and '4.0' in the row "
                                         "of venous; the rows of a VOI must agree on it."),
    (rows_of(patient=["p", "q", "r", "r"]), "Column 'patient' of case a is 'p' in the row of arterial and 'q'"),
    (rows_of(input=["arterial", "venus"] * 2), "Row 3 of the cohort .case a. is of the input 'venus', which model 'm' "
                                               "does not read; allowed: arterial, venous. Did you mean 'venous'?"),
    (rows_of(input=["arterial", "venous", "arterial", None]), "Row 5 of the cohort .case b. has no input; fill it in"),
    (rows_of(**{"venous:cnn_0": 1.0}), "has a column 'venous:cnn_0' beside the column 'input'"),
    (rows_of(reader=["A", "B", "A", "A"]), "has no row of the input 'venous' for case a, reader A; add it"),
    (rows_of(label=["1", "2", "1", "1"]), "has no row of the input 'venous' for case a, label 1; add it"),
])
def test_rows_that_cannot_be_joined_are_refused_in_a_line(rows: pd.DataFrame, message: str) -> None:
    with pytest.raises(CohortError, match=message) as caught:
        join_inputs(rows, TWO)
    assert "\n" not in str(caught.value)


def test_engines_of_other_values_are_not_mixed_in_a_case_and_those_of_the_same_are_named_together() -> None:
    versions = {"engine_version": ["1", "2", "1", "2"]}
    with pytest.raises(ModelMismatch, match="of case a were extracted by native 1 and other 2, whose values differ"):
        join_inputs(rows_of(engine=["native", "other"] * 2, **versions), TWO)
    joined, _ = join_inputs(rows_of(engine=["native", "pyradiomics"] * 2, **versions), TWO)
    assert joined["engine"].tolist() == ["native + pyradiomics"] * 2
    assert joined["engine_version"].tolist() == ["1 + 2"] * 2


def test_labels_that_name_each_phase_s_drawing_are_no_key_and_a_failed_phase_fails_its_case() -> None:
    joined, _ = join_inputs(rows_of(label=["A", "V"] * 2, error=[None, None, None, "holds no label"],
                                    warnings=["small", "small; far", "", None]), TWO)
    assert joined["arterial:label"].tolist() == ["A", "A"] and joined["venous:label"].tolist() == ["V", "V"]
    assert joined["error"].tolist() == [None, "venous: holds no label"]
    assert joined["warnings"].tolist() == ["small; far", None]


def test_a_table_of_one_input_stays_and_is_refused_where_another_is_read() -> None:
    one = rows_of()[lambda rows: rows["input"] == "venous"]
    for names in (("image",), ("venous",), ()):
        assert join_inputs(one, replace(TWO, names=names))[0] is one
    wide = one.drop(columns="input")
    assert join_inputs(wide, TWO)[0] is wide
    with pytest.raises(CohortError, match="are of the input 'venous', and model 'm' reads 'arterial'"):
        join_inputs(one, replace(TWO, names=("arterial",)))
    with pytest.raises(CohortError, match=r"of the inputs arterial, venous, and model 'm' reads one \('image'\); keep"):
        join_inputs(rows_of(), replace(TWO, names=("image",)))


# Studies -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tables() -> tuple[Recipe, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """S4's recipe with few features, its cohort and readings with a column per input and feature, and as rows by input.

    The wide cohort has the order in which the cases first come in the other.
    """
    values = shipped_values("s4_gnen_dl_survival")
    values["validation"]["bootstrap"] = 0
    values["models"] = [item for item in values["models"] if item["id"] == "dl"]
    for signature in values["signatures"]:
        signature["penalised"]["folds"] = 5
    recipe = parse_recipe(values, "s4")
    names = [f"{phase}:dl_{number:04d}" for phase in PHASES for number in range(8)]
    wide = cohort_table(recipe, 120, 4, names, cohorts=(("training", 80), ("external", 40)))
    readings = readings_table(wide, names, 30, 1, noisy=["venous:dl_0003"])
    rows = rows_by_input(wide)
    ordered = wide.set_index("case").loc[list(dict.fromkeys(rows["case"]))].reset_index()
    return recipe, ordered, rows, readings, rows_by_input(readings)


@pytest.fixture(scope="module")
def studies(tables: tuple[Recipe, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]) -> tuple[Study, Study]:
    """The study of the wide tables, and of the rows by input."""
    recipe, wide, rows, readings, reading_rows = tables
    return run_study(recipe, wide, readings), run_study(recipe, rows, reading_rows)


def told(study: Study) -> dict[str, Any]:
    """Return what a study says, but for the sentence about the joined rows."""
    result = study.result.to_dict()
    return {**result, "findings": [text for text in result["findings"] if "were joined" not in text]}


def test_a_study_of_rows_by_input_is_that_of_the_wide_table(studies: tuple[Study, Study]) -> None:
    wide, rows = studies
    assert told(rows) == told(wide)
    assert "240 rows of the inputs arterial, venous were joined to 120, one per VOI." in rows.result.findings
    assert [item.model.to_dict() for item in rows.stored] == [item.model.to_dict() for item in wide.stored]
    reproducibility = rows.result.reproducibility
    assert reproducibility is not None
    assert "venous:dl_0003" not in reproducibility.kept and "arterial:dl_0003" in reproducibility.kept
    pd.testing.assert_frame_equal(rows.scores, wide.scores)


def test_a_model_says_the_same_of_both_tables(studies: tuple[Study, Study], tables: Any) -> None:
    (_, wide, rows, readings, reading_rows), (stored,) = tables, studies[0].stored
    model = stored.model
    assert len(model.inputs) == 2
    one, other = (validate_model(model, table).to_dict() for table in (wide, rows))
    assert other.pop("findings")[0].startswith("240 rows of the inputs arterial, venous") and one.pop("findings") == []
    assert other == one
    columns = ["case", "score", "group", "survival_36m"]
    pd.testing.assert_frame_equal(score_features(model, rows)[columns], score_features(model, wide)[columns])
    rule = ReproducibilityFilter("ICC(2,1)", 0.8)
    compared = [analyse_readings(table, rule, model) for table in (readings, reading_rows)]
    assert compared[1].filter == compared[0].filter
    assert sorted(compared[1].scores, key=str) == sorted(compared[0].scores, key=str)


def test_outcomes_that_differ_between_a_case_s_rows_stop_a_study(tables: Any) -> None:
    recipe, _, rows, *_ = tables
    wrong = rows.assign(event=np.where(rows["case"] == "c0007", (rows["input"] == "venous").astype(float),
                                       rows["event"]))
    with pytest.raises(CohortError, match=r"Column 'event' of case c0007 is '[01].0' in the row of (arterial|venous)"):
        run_study(recipe, wrong)

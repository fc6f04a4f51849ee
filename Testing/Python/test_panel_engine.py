"""The engine as a choice of the panel: what it writes, whose results it accepts, and which commands it reaches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import installed_engines, textured_volume

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures

from RadiomicsPrognosisLib.features.engine import engine_names
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import Prediction, score_vois
from RadiomicsPrognosisLib.prediction.record import EngineIdentity
from RadiomicsPrognosisLib.presenter import analysing
from RadiomicsPrognosisLib.presenter.analysing import AnalysisChoices
from RadiomicsPrognosisLib.presenter.case import Choices, ReadyCase
from RadiomicsPrognosisLib.presenter.case_files import case_options
from RadiomicsPrognosisLib.presenter.cohort_features import CohortWish
from RadiomicsPrognosisLib.presenter.session import Freshness
from RadiomicsPrognosisLib.voi import make_voi


def shown(bench: PanelBench) -> str:  # noqa: F811
    """Return the engine that the combo box shows, empty for the preferred one."""
    box = bench.ui.engineSelector
    return str(box.itemData(box.currentIndex))


def choose(bench: PanelBench, engine: str) -> None:  # noqa: F811
    """Choose an engine in the combo box."""
    bench.ui.engineSelector.setCurrentIndex(bench.ui.engineSelector.findData(engine))
    bench.settle()


def test_the_engine_is_chosen_out_of_the_way(bench: PanelBench) -> None:  # noqa: F811
    assert bench.ui.modelAdvancedSection.collapsed and bench.node.engine == "" and shown(bench) == ""
    assert bench.ui.engineSelector.count == len(engine_names())
    choose(bench, engine_names()[-1])
    assert bench.node.engine == engine_names()[-1]
    bench.node.engine = engine_names()[0]
    bench.settle()
    assert shown(bench) == ""
    bench.node.engine = "of another version"
    bench.settle()
    assert bench.ui.engineSelector.count == len(engine_names()) + 1 and shown(bench) == "of another version"


def test_another_engine_scores_again_and_is_told(bench: PanelBench) -> None:  # noqa: F811
    first = bench.small_case()
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.cardArea)
    assert first.engine.name == engine_names()[0]
    assert f"Features by {first.engine.name} {first.engine.version}" in bench.ui.madeLabel.text
    if len(installed_engines()) < 2:
        pytest.skip("one engine is installed")
    choose(bench, installed_engines()[-1])
    other = bench.result()
    assert other.engine.name == installed_engines()[-1]
    assert f"Features by {other.engine.name} " in bench.ui.madeLabel.text
    assert other.score == pytest.approx(first.score, rel=1e-9)
    choose(bench, "")
    assert bench.result() == other  # its values are the preferred engine's


def test_another_engine_while_one_computes_gives_the_result_of_the_other(bench: PanelBench) -> None:  # noqa: F811
    bench.small_case()
    bench.erase()
    bench.wait(lambda: bench.session.extracting)
    jobs, engine = bench.jobs, installed_engines()[-1]
    bench.node.engine = engine  # by its name: without one, any with its values will do
    assert bench.result().engine.name == engine and bench.jobs == jobs + 1


def test_a_scene_from_before_there_were_engines_has_the_preferred_one(bench: PanelBench) -> None:  # noqa: F811
    choose(bench, engine_names()[-1])
    bench.node.parameterNode.UnsetParameter("engine")
    bench.reopen()
    bench.settle()
    assert bench.node.engine == "" and shown(bench) == ""


def test_an_engine_that_does_not_exist_is_said_and_leaves_the_way_back(bench: PanelBench) -> None:  # noqa: F811
    before = bench.small_case()
    bench.node.engine = "mirp"
    bench.settle()
    assert "no feature engine" in bench.problem and not bench.panel.current
    choose(bench, "")
    assert bench.result() == before and not bench.problem


@pytest.fixture(scope="module")
def case() -> tuple[ReadyCase, Prediction]:
    """A case as it is read from a scene, and the prediction of it."""
    model = load_model(S2)
    vois = {"image": make_voi(*textured_volume(), model.image_protocol(), "Tumour")}
    return ReadyCase(model, None, {}, vois), score_vois(vois, model)


@pytest.mark.parametrize(("asked", "maker", "is_accepted"), [
    ("", "native", True),
    ("", "pyradiomics", True),
    ("", "mirp", False),
    ("native", "native", True),
    ("native", "pyradiomics", False),
    ("pyradiomics", "native", False),
])
def test_whose_result_still_holds(case: tuple[ReadyCase, Prediction], asked: str, maker: str,
                                  is_accepted: bool) -> None:
    ready, prediction = case
    earlier = replace(prediction, engine=EngineIdentity(maker, "0.1"))
    assert replace(ready, engine=asked).matches(earlier) == is_accepted


def test_a_saved_result_of_an_engine_with_the_same_values_is_current(bench: PanelBench) -> None:  # noqa: F811
    result = replace(bench.small_case(), engine=EngineIdentity("pyradiomics", "3.0.1"))
    bench.session.restore(result)
    bench.session.refresh()
    bench.session.poll()
    assert bench.session.freshness is Freshness.CURRENT and bench.panel.prediction.engine.name == "pyradiomics"


@pytest.mark.parametrize(("engine", "options"), [("", []), ("pyradiomics", ["--engine", "pyradiomics"])])
def test_the_commands_of_the_panel_get_it(case: tuple[ReadyCase, Prediction], engine: str, options: list[str],
                                          tmp_path: Path) -> None:
    model, (ready, _prediction) = load_model(S2), case
    cohort, features = tmp_path / "cohort.csv", tmp_path / "features.csv"
    cohort.write_text("case,reader,image,mask\n", encoding="utf-8")
    features.write_text(f"case,reader,{model.term_keys[0]}\n", encoding="utf-8")

    def analysed(table: Path) -> list[str]:
        return analysing.command(AnalysisChoices(), table, tmp_path, model, "", engine=engine)

    commands: list[Callable[[], list[str]]] = [
        lambda: case_options(Choices(model=model, model_id=S2, engine=engine), ready),
        lambda: CohortWish(cohort="c.csv", model=model, engine=engine).extraction("t.csv"),
        lambda: analysed(cohort),
    ]
    for command in commands:
        arguments = command()
        assert [item for item in arguments if item in ("--engine", "pyradiomics")] == options
    assert "--engine" not in analysed(features)  # they are extracted already

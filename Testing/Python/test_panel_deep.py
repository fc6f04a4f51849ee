"""A model of deep features in the panel: both phases, what is missing asked for, a slow network nobody waits for."""

from __future__ import annotations

import time
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("slicer", reason="slicer-core, which gives MRML without Slicer, is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime, which runs networks, is not installed")
pytest.importorskip("onnx", reason="onnx, which reads networks, is not installed")

from slicer_standin.testing import process_events, scene  # noqa: F401 - installs the stand-in: before qt is imported

# isort: split

import SimpleITK as sitk
import slicer.packaging
from conftest import textured_volume
from deep_use_cases import COEFFICIENTS, deep_model
from panel_bench import S2, PanelBench, bench, impatient  # noqa: F401 - fixtures
from RadiomicsPrognosisPanel import links, texts

from RadiomicsPrognosisLib.errors import PackageMissing, RuntimeAbsent
from RadiomicsPrognosisLib.presenter.problem import Problem

#: Rounds of a network that takes some seconds.
SLOW = 3000


def opened(bench: PanelBench, user_home: Path, inputs: tuple[str, ...] = ("image",), rounds: int = 0) -> str:  # noqa: F811
    """Open the panel with a small case, a model of deep features among the models, and return the model's id."""
    bench.close()
    model = deep_model(user_home, inputs, rounds=rounds, more="masked = true")
    bench.open()
    bench.small_case()
    return model


def test_two_phases_are_scored_from_a_volume_and_a_segment_each(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    model = opened(bench, user_home, ("arterial", "venous"))
    assert not bench.ui.modelAdvancedSection.isHidden()
    bench.node.modelID = model
    bench.settle()
    assert "Venous phase" in bench.problem
    later = bench.add_volume(sitk.ShiftScale(textured_volume((24, 22, 20))[0], 5.0), "Venous CT")
    own, key = bench.add_reading(later, bench.mask, "Venous reading", "Venous tumour")
    bench.node.secondVolume, bench.node.secondSegmentation = later, own
    result = bench.result()
    assert result == bench.widget.logic.score(
        {"arterial": bench.volume, "venous": later}, {"arterial": bench.segmentation, "venous": own},
        {"arterial": bench.key, "venous": key}, model)
    assert result.engine.name == "onnxruntime" and result.software["onnxruntime"] == metadata.version("onnxruntime")
    assert [item.feature for item in result.contributions] == 2 * list(COEFFICIENTS)
    assert "(100.0 % of the largest slice)" in bench.ui.keptLabel.text
    assert bench.ui.modelAdvancedSection.isHidden() and "deep-network.onnx" in bench.ui.needsLabel.text
    bench.ui.detailsTabs.setCurrentWidget(bench.ui.cardArea)
    assert "Features by onnxruntime" in bench.ui.madeLabel.text


def test_an_engine_chosen_for_other_models_is_none_of_a_network(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    model = opened(bench, user_home)
    bench.node.engine = "native"
    bench.settle()
    bench.node.modelID = model
    assert bench.result().engine.name == "onnxruntime" and bench.node.engine == "native"
    bench.node.modelID = S2
    assert bench.result().engine.name == "native" and not bench.ui.modelAdvancedSection.isHidden()


def test_a_file_that_is_absent_is_said_and_found_once_it_is_there(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    model = opened(bench, user_home)
    file = user_home / "Backbones" / "deep-network.onnx"
    aside = file.rename(file.with_suffix(".away"))
    bench.reopen()
    bench.small_case()
    bench.node.modelID = model
    bench.settle()
    assert "Backbone" in bench.problem and "deep-network.onnx" in bench.problem
    assert "Cannot score here" in bench.ui.needsLabel.text
    aside.rename(file)
    bench.ui.scoreButton.click()
    assert bench.result().engine.name == "onnxruntime"


# What runs networks ---------------------------------------------------------------------------------------------------


@pytest.fixture
def without_runtime(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """No onnxruntime is installed in the panel's worker; the list has what the user was asked to install."""
    asked: list[list[str]] = []
    monkeypatch.setattr(slicer.packaging, "pip_ensure",
                        lambda wanted, **_options: asked.append([item.name for item in wanted]))
    return asked


def refuse(bench: PanelBench) -> None:  # noqa: F811
    """Have the session say what a worker without onnxruntime says."""
    bench.settle()
    bench.session.failure = Problem(RuntimeAbsent.code, "Deep features need the package 'onnxruntime'.")
    bench.session.restore(None)
    bench.panel.show()


def test_the_runtime_is_asked_for_where_it_is_first_needed(bench: PanelBench, user_home: Path,  # noqa: F811
                                                           without_runtime: list[list[str]]) -> None:
    bench.node.modelID = opened(bench, user_home)
    bench.result()
    bench.node.live = False
    refuse(bench)
    assert "onnxruntime" in bench.problem and texts.INSTALL_LINK in bench.problem and not without_runtime
    bench.ui.problemLabel.linkActivated.emit(texts.INSTALL_LINK)
    assert without_runtime == [["onnxruntime", "onnx"]]
    assert bench.result().engine.name == "onnxruntime" and not bench.problem
    refuse(bench)
    bench.ui.scoreButton.click()
    assert len(without_runtime) == 2 and bench.result().score is not None


def test_who_declines_is_asked_again_only_when_he_asks(bench: PanelBench, user_home: Path,  # noqa: F811
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def decline(*arguments: Any, **_options: Any) -> None:
        asked.append(arguments)
        raise RuntimeError("User declined to install the packages.")

    monkeypatch.setattr(slicer.packaging, "pip_ensure", decline)
    bench.node.modelID = opened(bench, user_home)
    bench.result()
    bench.node.live = False
    refuse(bench)
    jobs = bench.jobs
    bench.ui.scoreButton.click()
    bench.settle()
    assert len(asked) == 1 and bench.jobs == jobs and texts.INSTALL_LINK in bench.problem
    links.follow(texts.INSTALL_LINK, None)
    assert len(asked) == 2


def test_another_package_that_is_absent_offers_no_runtime() -> None:
    text = texts.problem(Problem(PackageMissing.code, "A multi-frame image needs the package 'pydicom'."))
    assert "pydicom" in text and texts.INSTALL_LINK not in text


def test_reports_do_not_ask_for_it(bench: PanelBench, without_runtime: list[list[str]]) -> None:  # noqa: F811
    from RadiomicsPrognosisPanel import saving

    assert saving.ensure_packages() is None
    assert "matplotlib" in without_runtime[0] and not {"onnx", "onnxruntime"} & set(without_runtime[0])


# A slow network -------------------------------------------------------------------------------------------------------


def test_an_edit_takes_the_place_of_a_slow_run_and_nothing_waits(bench: PanelBench, user_home: Path) -> None:  # noqa: F811
    """The panel's own thread is never held for long, whatever the network does."""
    bench.node.modelID = opened(bench, user_home, rounds=SLOW)
    bench.wait(lambda: bench.session.extracting)
    longest = 0.0
    bench.wait(lambda: bench.session.progress > 0)
    bench.erase()
    for _ in range(100):
        before = time.monotonic()
        process_events(5)
        longest = max(longest, time.monotonic() - before)
    assert longest < 0.4
    assert bench.session.extracting
    bench.ui.cancelButton.click()
    bench.settle()
    bench.node.modelID = S2
    assert bench.result().engine.name == "native"

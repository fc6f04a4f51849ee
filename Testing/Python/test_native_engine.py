"""The native engine's run: threads, progress, cancelling, what cannot be filtered, and memory."""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk
from conftest import make_protocol, textured_volume

from RadiomicsPrognosisLib.cli.engine_option import add_engine_option, add_threads_option, chosen_engine
from RadiomicsPrognosisLib.cli.parser import Parser, UsageError
from RadiomicsPrognosisLib.errors import Cancelled, EngineUnfit, SchemaError
from RadiomicsPrognosisLib.features import extraction, native_engine
from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.heartbeat import Heartbeat
from RadiomicsPrognosisLib.features.plan import make_plan
from RadiomicsPrognosisLib.features.preparation import Prepared, prepare
from RadiomicsPrognosisLib.protocol import Protocol
from RadiomicsPrognosisLib.voi import make_voi

PROTOCOL = make_protocol(image_types={"original": True, "wavelet": {"name": "haar"}})


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    image, mask = textured_volume()
    return prepare(make_voi(image, mask, PROTOCOL), PROTOCOL)


@pytest.fixture
def always_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native_engine, "_WORTH_THREADS", 0)


def values_of(prepared: Prepared, threads: int, protocol: Protocol = PROTOCOL,
              names: list[str] | None = None) -> list[tuple[str, float]]:
    computed = get_engine("native", threads).extract(prepared, protocol, make_plan(protocol, names))
    return list(computed.items())


@pytest.mark.usefixtures("always_threads")
@pytest.mark.parametrize("threads", [2, 5])
def test_threads_change_neither_values_nor_their_order(prepared: Prepared, threads: int) -> None:
    alone = values_of(prepared, 1)
    assert len(alone) == 851
    assert values_of(prepared, threads) == alone


@pytest.mark.usefixtures("always_threads")
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_never_more_threads_work_than_asked(prepared: Prepared, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    at_work, most, lock, run = 0, 0, threading.Lock(), native_engine._ClassTask.run

    def counted(task: native_engine._ClassTask) -> dict[str, float]:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.002)  # long enough to meet the others, had there been more
        result = run(task)
        with lock:
            at_work -= 1
        return result

    monkeypatch.setattr(native_engine._ClassTask, "run", counted)
    before = threading.active_count()
    values_of(prepared, threads)
    assert most == threads
    assert threading.active_count() == before


@pytest.mark.usefixtures("always_threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_progress_rises_and_can_stop_the_run(prepared: Prepared, threads: int) -> None:
    shares: list[float] = []

    def stop_half_way(share: float, text: str) -> None:
        shares.append(share)
        assert text
        if share >= 0.5:
            raise Cancelled

    before = threading.active_count()
    with pytest.raises(Cancelled):
        get_engine("native", threads).extract(prepared, PROTOCOL, make_plan(PROTOCOL), stop_half_way)
    assert shares == sorted(shares)
    assert 20 < len(shares) < make_plan(PROTOCOL).steps()
    assert threading.active_count() == before


@pytest.mark.usefixtures("always_threads")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_long_class_can_be_cancelled_within(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between directions, and between the steps of the iteration that finds the coefficients of so many levels."""
    monkeypatch.setattr(Heartbeat, "AGAIN_S", 1e-3)
    values = np.random.default_rng(0).integers(0, 3000, (20, 20, 20)).astype(np.int16)
    image, mask = sitk.GetImageFromArray(values), sitk.GetImageFromArray(np.ones(values.shape, np.uint8))
    protocol = make_protocol(feature_classes=["glcm"], discretisation={"bin_width": 1.0})
    calls: list[str] = []

    def stop_within(share: float, text: str) -> None:
        calls.append(text)
        if len(calls) == 20:
            raise Cancelled

    with pytest.raises(Cancelled):
        extraction.extract(make_voi(image, mask, protocol), protocol, ["original_glcm_MCC"],
                           get_engine("native", threads), stop_within)
    assert calls == ["original glcm"] * 20


@pytest.mark.usefixtures("always_threads")
def test_error_of_a_thread_is_raised(prepared: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(task: native_engine._ClassTask) -> dict[str, float]:
        raise ZeroDivisionError(str(task))

    monkeypatch.setattr(native_engine._ClassTask, "run", fail)
    with pytest.raises(ZeroDivisionError, match=r"^(original|wavelet-[LH]+) \w+$"):
        values_of(prepared, 3)


@pytest.mark.parametrize("name", ["native", "pyradiomics"])
def test_features_of_an_image_that_cannot_be_filtered_are_undefined(name: str) -> None:
    image, mask = textured_volume((12, 12, 12), (1.0, 1.0, 1.0))
    protocol = replace(make_protocol(), log_sigmas_mm=(2.0, 20.0))
    prepared = prepare(make_voi(image, mask, protocol), protocol)
    values = get_engine(name).extract(prepared, protocol, make_plan(protocol))
    undefined = {feature for feature, value in values.items() if math.isnan(value)}
    assert undefined == {feature for feature in protocol.feature_names() if feature.startswith("log-sigma-20-0-mm-3D_")}
    assert len(values) == 293


@pytest.mark.parametrize("name", ["native", "pyradiomics"])
@pytest.mark.parametrize("names", [None, ["original_firstorder_Median"]])
def test_what_needs_grey_levels_is_undefined_where_there_are_none(name: str, names: list[str] | None) -> None:
    """A range of rounding errors has no 64 bins: pyradiomics' extractor fails then, whatever it is asked for."""
    values = np.full((9, 9, 9), 100.0)
    values[::2] = np.nextafter(100.0, 101.0)
    image, mask = sitk.GetImageFromArray(values), sitk.GetImageFromArray(np.ones(values.shape, np.uint8))
    protocol = make_protocol(feature_classes=["firstorder", "glcm"], discretisation={"bin_count": 64})
    voi = make_voi(image, mask, protocol)
    computed = extraction.extract(voi, protocol, names, engine=get_engine(name))
    assert computed.values == {}
    assert set(computed.undefined) == set(names or protocol.feature_names())


@pytest.mark.parametrize("changes", [
    {"feature_classes": ["glszm"], "discretisation": {"bin_width": 1e-9}},
    {"feature_classes": ["ibexhistogram"], "discretisation": {"bin_width": 1e-9}, "force_2d": True},
    {"feature_classes": ["glszm"], "discretisation": {"bin_width": 25.0, "minimum": -1e9}},
    {"feature_classes": ["ivh"], "volume_histogram": {"bin_width": 1e-9}},
    {"feature_classes": ["ivh"], "hu_range": [-1e12, None]},
])
def test_more_grey_levels_than_memory_holds_are_refused(changes: dict[str, Any]) -> None:
    image, mask = textured_volume((12, 12, 12), (1.0, 1.0, 1.0))
    protocol = make_protocol(**changes)
    with pytest.raises(SchemaError, match=r"grey levels, more than the 65536 .* in protocol '"):
        extraction.extract(make_voi(image, mask, protocol), protocol, engine=get_engine("native"))


def test_pyradiomics_is_not_asked_for_more_levels_than_it_has_memory_for() -> None:
    image, mask = textured_volume((12, 12, 12), (1.0, 1.0, 1.0))
    protocol = make_protocol(feature_classes=["glszm"], discretisation={"bin_width": 0.01})
    voi = make_voi(image, mask, protocol)
    assert len(extraction.extract(voi, protocol, engine=get_engine("native")).values) == 16
    with pytest.raises(EngineUnfit, match=r"makes \d+ grey levels, .* at most 4096; use the engine native"):
        extraction.extract(voi, protocol, engine=get_engine("pyradiomics"))


#: Prints by how much (KiB) extraction of S1's features raises a process' peak of memory, in a volume of so many slices.
_GROWTH = """
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from RadiomicsPrognosisLib.features.engine import get_engine
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.protocol import Resampling, Wavelet, load_protocol
from RadiomicsPrognosisLib.voi import make_voi


def status(key):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if key in line)


slices = int(sys.argv[1])
values, mask = np.zeros((slices, 200, 200), np.int16), np.zeros((slices, 200, 200), np.uint8)
inside = np.s_[{place}:{place} + 12, 90:102, 90:102]
values[inside], mask[inside] = np.random.default_rng(0).normal(60, 30, (12, 12, 12)), 1
image, mask = sitk.GetImageFromArray(values), sitk.GetImageFromArray(mask)
protocol = replace(load_protocol("ct-hu50-1mm-wavelet"), resampling={resampling}, wavelet=Wavelet("coif1", {levels}))
engine = get_engine("native")
extract(make_voi(image, mask, protocol), protocol, ["original_firstorder_Mean"], engine)
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
extract(make_voi(image, mask, protocol), protocol, None, engine)
print(status("VmHWM") - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process' peak of memory anew")
@pytest.mark.parametrize(("resampling", "place", "levels"), [("Resampling(spacing=(0.8, 0.8, 0.8))", "slices // 2", 1),
                                                             ("None", "4", 2)])
def test_whole_body_costs_what_a_chest_does(resampling: str, place: str, levels: int) -> None:
    code = _GROWTH.format(resampling=resampling, place=place, levels=levels)
    # Without it the C library keeps freed arrays, as many as chance has it.
    at_once = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}
    chest, body = (int(subprocess.run([sys.executable, "-c", code, str(slices)], check=True, capture_output=True,
                                      text=True, env=at_once).stdout) for slices in (300, 1500))
    assert body < chest + 4096  # 140 MB of voxels more; the system's own accounts vary by some hundred KiB


def options(*words: str) -> argparse.Namespace:
    parser = Parser(prog="score")
    add_engine_option(parser)
    add_threads_option(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(("words", "threads"), [((), 1), (("--threads", "3"), 3)])
@pytest.mark.parametrize("name", ["native", "pyradiomics"])
def test_engine_uses_the_threads_of_the_command_line(name: str, words: tuple[str, ...], threads: int) -> None:
    engine = chosen_engine(options("--engine", name, *words))
    assert (engine.name, engine.threads) == (name, threads)


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_no_other_number_of_threads(number: str) -> None:
    with pytest.raises(UsageError, match="is no number of threads; give 1 or more; see"):
        options(f"--threads={number}")


def test_itk_has_the_engines_threads_and_its_own_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    image, mask = textured_volume()
    before, heard, prepared = sitk.ProcessObject.GetGlobalDefaultNumberOfThreads(), [], extraction.prepare

    def listening(*given: Any) -> Prepared:
        heard.append(sitk.ProcessObject.GetGlobalDefaultNumberOfThreads())
        return prepared(*given)

    monkeypatch.setattr(extraction, "prepare", listening)
    for threads in (1, before + 2):
        extraction.extract(make_voi(image, mask, PROTOCOL), PROTOCOL, ["original_firstorder_Mean"],
                           get_engine("native", threads))
    assert heard == [1, before + 2]
    assert sitk.ProcessObject.GetGlobalDefaultNumberOfThreads() == before

"""Which engines there are, which of them give the same values, and that they do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest
import SimpleITK as sitk
from conftest import textured_volume

from RadiomicsPrognosisLib.errors import EngineUnavailable, EngineUnfit
from RadiomicsPrognosisLib.features import pyradiomics_engine
from RadiomicsPrognosisLib.features.engine import (
    engine_names,
    get_engine,
    joint_identity,
    mixed_column,
    same_values,
)
from RadiomicsPrognosisLib.features.extraction import FeatureSet, extract
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.protocol import load_protocol
from RadiomicsPrognosisLib.voi import Voi, make_voi, read_image, read_mask

NATIVE, PEER = ("native", "1.0"), ("pyradiomics", "3.1.4")

#: Names of engines that are declared to give the same values.
ALIKE = [names for names in combinations(engine_names(), 2) if same_values(*names)]


@pytest.fixture
def without_pyradiomics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``radiomics`` not import."""
    monkeypatch.setitem(sys.modules, "radiomics", None)
    pyradiomics_engine._radiomics.cache_clear()


def asked(voi: Voi, protocol_id: str, names: tuple[str, ...], engine: str) -> FeatureSet:
    """Return the features ``names`` of a VOI by one engine; skips where that one is not installed."""
    try:
        return extract(voi, load_protocol(protocol_id), names, get_engine(engine))
    except EngineUnavailable as error:
        pytest.skip(str(error))


def check_same(voi: Voi, protocol_id: str, names: tuple[str, ...]) -> None:
    """Assert that engines declared alike give the same values, and none in the same cases."""
    for pair in ALIKE:
        one, other = (asked(voi, protocol_id, names, engine) for engine in pair)
        assert [item.engine_name for item in (one, other)] == list(pair)
        assert set(one.undefined) == set(other.undefined) and len(one.values) + len(one.undefined) == len(names)
        assert one.values == pytest.approx(other.values, rel=1e-9, abs=1e-12)


def read_voi(paths: tuple[Path, Path], protocol_id: str) -> Voi:
    """Return the VOI of a case on disk."""
    return make_voi(read_image(paths[0]), read_mask(paths[1])[0], load_protocol(protocol_id))


def test_engines_that_are_declared_alike_give_the_same_values_on_real_ct(
        lung: Callable[[str], tuple[Path, Path]]) -> None:
    """The features of every class on the original image, and S1's, which are from sub-bands."""
    protocol_id = load_model("s1_escc_lpfs_radscore").image_protocol().id
    protocol = load_protocol(protocol_id)
    names = [name for name in protocol.feature_names() if name.startswith("original")]
    check_same(read_voi(lung("lung1"), protocol_id), protocol_id,
               tuple(dict.fromkeys([*names, *load_model("s1_escc_lpfs_radscore").features()])))


@pytest.mark.parametrize("level", [40, None])
def test_they_do_on_a_constant_and_on_a_textured_volume(level: int | None) -> None:
    image, mask = textured_volume()
    image = image if level is None else sitk.Image(image * 0 + level)
    protocol = load_protocol("ct-original-raw")
    check_same(make_voi(image, mask, protocol), protocol.id, protocol.feature_names())


def test_an_engine_is_had_by_its_name() -> None:
    assert get_engine("native").name == "native" and get_engine().name in engine_names()
    with pytest.raises(EngineUnfit, match=r"no feature engine 'mirp'; choose .*native"):
        get_engine("mirp")


@pytest.mark.usefixtures("without_pyradiomics")
def test_without_pyradiomics_features_are_had_all_the_same() -> None:
    assert get_engine().name == "native"
    with pytest.raises(EngineUnavailable, match=r"choose the engine native.*SlicerRadiomics.*pip install"):
        get_engine("pyradiomics")


@pytest.mark.parametrize(("makers", "mixed"), [
    ([], ""),
    ([NATIVE, NATIVE], ""),
    ([NATIVE, PEER], ""),
    ([NATIVE, ("native + pyradiomics", "1.0 + 3.1.4")], ""),
    ([PEER, ("pyradiomics", "3.0.1")], "engine_version"),
    ([PEER, ("pyradiomics", "3.0.1"), NATIVE], "engine_version"),
    ([PEER, ("mirp", "3.1.4")], "engine"),
    ([NATIVE, ("native + mirp", "1.0 + 2")], "engine"),
])
def test_what_keeps_rows_from_being_used_together(makers: list[tuple[str, str]], mixed: str) -> None:
    assert mixed_column(makers) == mixed


def test_rows_used_together_name_all_that_made_them() -> None:
    assert joint_identity([PEER, NATIVE, PEER]) == ("native + pyradiomics", "1.0 + 3.1.4")
    assert joint_identity([PEER]) == PEER
    assert same_values("native + pyradiomics", "native") and same_values("mirp", "mirp")
    assert not same_values("native + mirp", "native")

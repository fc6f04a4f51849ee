"""Deep features where they are used: tables, scores, scalings, readings, stability, DICOM, and what refuses them."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import SimpleITK as sitk
from conftest import textured_volume

pytest.importorskip("onnxruntime", reason="onnxruntime, which runs networks, is not installed")
pytest.importorskip("onnx", reason="onnx, which reads networks, is not installed")

from deep_use_cases import COEFFICIENTS, FEATURES, deep_model, deep_protocol, small_network

from RadiomicsPrognosisLib.cli.main import run
from RadiomicsPrognosisLib.cohort import extraction
from RadiomicsPrognosisLib.cohort.extraction import extract_cohort
from RadiomicsPrognosisLib.cohort.table import read_cohort, read_table
from RadiomicsPrognosisLib.errors import BackboneMissing, EngineUnfit, InputError, PackageMissing
from RadiomicsPrognosisLib.features.extraction import extract
from RadiomicsPrognosisLib.models.scaling import fit_scaling
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.protocol import load_protocol, parse_protocol
from RadiomicsPrognosisLib.stability.assess import assess_stability
from RadiomicsPrognosisLib.stability.settings import load_settings
from RadiomicsPrognosisLib.texts import feature_label
from RadiomicsPrognosisLib.voi import make_voi, read_image, read_mask

NAMES = [f"dl_{number:04d}" for number in range(FEATURES)]


def written(folder: Path, number: int = 0, name: str = "") -> tuple[str, str]:
    """Write a case's image and mask and return their paths."""
    image, mask = textured_volume(seed=number)
    paths = folder / f"ct{name or number}.nrrd", folder / f"mask{name or number}.nrrd"
    for path, item in zip(paths, (image, mask), strict=True):
        sitk.WriteImage(item, str(path))
    return str(paths[0]), str(paths[1])


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A table of three cases."""
    rows = [{"case": f"00{number}", "image": image, "mask": mask} for number in range(3)
            for image, mask in [written(tmp_path, number)]]
    pd.DataFrame(rows).to_csv(tmp_path / "cohort.csv", index=False)
    return tmp_path / "cohort.csv"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the only line of the error output."""
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


# Tables ---------------------------------------------------------------------------------------------------------------


def test_rows_hold_what_the_network_gives_whatever_the_number_of_processes(cohort: Path, user_home: Path) -> None:
    identifier = deep_protocol(user_home)
    protocol = load_protocol(identifier)
    arguments = ["extract", "--cohort", str(cohort), "--protocol", identifier]
    tables = []
    for jobs in ("1", "2"):
        out = cohort.with_name(f"features{jobs}.csv")
        assert run([*arguments, "--out", str(out), "--jobs", jobs]) == 0
        tables.append(read_table(out))
        for path in (user_home / "cache" / "features").glob("*.json"):
            path.unlink()
    one, two = tables
    pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert set(one["engine"]) == {"onnxruntime"} and set(one["protocol_hash"]) == {protocol.hash}
    assert set(one["engine_version"]) == {metadata.version("onnxruntime")}
    for row in one.to_dict("records"):
        voi = make_voi(read_image(row["image"]), read_mask(row["mask"])[0], protocol)
        assert {name: row[name] for name in NAMES} == pytest.approx(extract(voi, protocol).values, rel=1e-15)
    assert one[NAMES].nunique().min() == 3


def test_rows_at_hand_are_kept_and_those_of_another_network_are_not(cohort: Path, user_home: Path,
                                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    protocol = load_protocol(deep_protocol(user_home))
    first = extract_cohort(read_cohort(cohort), protocol)

    def fail(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("was extracted again")

    monkeypatch.setattr(extraction, "extract", fail)
    again = extract_cohort(read_cohort(cohort), protocol)
    pd.testing.assert_frame_equal(again, first)
    other = replace(protocol, deep=replace(protocol.deep, sha256="0" * 64))
    with pytest.raises(AssertionError, match="extracted again"):
        extract_cohort(read_cohort(cohort), other)
    monkeypatch.setattr(extraction, "maker_of", lambda protocol, engine="": ("onnxruntime", "0.1"))
    with pytest.raises(AssertionError, match="extracted again"):
        extract_cohort(read_cohort(cohort), protocol)


def test_some_features_alone(cohort: Path, user_home: Path) -> None:
    out = cohort.with_name("features.csv")
    assert run(["extract", "--cohort", str(cohort), "--protocol", deep_protocol(user_home), "--out", str(out),
                "--features", "dl_0002"]) == 0
    table = read_table(out)
    assert "dl_0002" in table and "dl_0000" not in table and table["dl_0002"].notna().all()


@pytest.mark.parametrize(("change", "words"), [
    ("engine", "which onnxruntime runs; no engine computes them. Leave out the engine 'native'"),
    ("missing", "small-network.onnx"),
    ("replaced", "small-network.onnx' is not the protocol's"),
    ("feature", "dl_0004"),
    ("class", "original_firstorder_Mean"),
])
def test_what_is_wrong_is_one_line(change: str, words: str, cohort: Path, user_home: Path,
                                   capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["extract", "--cohort", str(cohort), "--protocol", deep_protocol(user_home), "--out", "features.csv"]
    file = user_home / "Backbones" / "small-network.onnx"
    if change == "missing":
        file.unlink()
    elif change == "replaced":
        file.write_bytes(small_network(rounds=1))
    arguments += {"engine": ["--engine", "native"], "feature": ["--features", "dl_0004"],
                  "class": ["--features", "original_firstorder_Mean"]}.get(change, [])
    assert run(arguments) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert words in lines[-1] and "Traceback" not in "\n".join(lines)


def test_without_the_runtime_nothing_is_begun(cohort: Path, user_home: Path, monkeypatch: pytest.MonkeyPatch,
                                              capsys: pytest.CaptureFixture[str]) -> None:
    protocol, model = deep_protocol(user_home), deep_model(user_home)
    original = metadata.version

    def version(name: str) -> str:
        if name.startswith("onnx"):
            raise metadata.PackageNotFoundError(name)
        return original(name)

    monkeypatch.setattr(metadata, "version", version)
    image, mask = written(cohort.parent, name="one")
    for arguments in (["extract", "--cohort", str(cohort), "--protocol", protocol, "--out", "features.csv"],
                      ["score", "--cohort", str(cohort), "--model", model, "--out", "scores"],
                      ["score", "--image", image, "--mask", mask, "--model", model],
                      ["stability", "--image", image, "--mask", mask, "--model", model]):
        assert run(arguments) == 2
        assert "pip install onnxruntime" in said(capsys)


# One case -------------------------------------------------------------------------------------------------------------


def test_two_phases_are_scored_each_with_its_own_contour(tmp_path: Path, user_home: Path,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    model = load_model(deep_model(user_home, ("arterial", "venous")))
    (image, mask), (late, own) = written(tmp_path, 0), written(tmp_path, 1)
    assert run(["score", "--image", image, "--mask", mask, "--input", f"venous={late},{own}", "--model", model.id,
                "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    vois = {name: make_voi(read_image(path), read_mask(contour)[0], model.image_protocol())
            for name, path, contour in (("arterial", image, mask), ("venous", late, own))}
    by_hand = 0.5
    for number, voi in enumerate(vois.values()):
        values = extract(voi, model.image_protocol()).values
        by_hand += sum(value * (1 + number) * values[name] for name, value in COEFFICIENTS.items())
    assert told["score"] == pytest.approx(by_hand, rel=1e-12)
    assert told["engine"]["name"] == "onnxruntime" and told["software"]["onnxruntime"] == told["engine"]["version"]
    assert [(item["input"], item["feature"]) for item in told["contributions"]] == [
        (name, feature) for name in ("arterial", "venous") for feature in COEFFICIENTS]
    assert [feature_label(name) for name in COEFFICIENTS] == ["Deep feature 0000", "Deep feature 0002",
                                                              "Deep feature 0003"]


def test_an_engine_is_refused_where_a_network_gives_the_features(tmp_path: Path, user_home: Path,
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    image, mask = written(tmp_path)
    for command in (["score"], ["stability"]):
        assert run([*command, "--image", image, "--mask", mask, "--model", deep_model(user_home), "--engine",
                    "native"]) == 2
        assert "no engine computes them" in said(capsys)
    protocol = load_protocol("deep-network")
    with pytest.raises(EngineUnfit):
        extract_cohort(pd.DataFrame(), protocol, engine="pyradiomics")


def test_a_cohort_is_scored_in_processes_as_each_case_is(cohort: Path, user_home: Path) -> None:
    model = load_model(deep_model(user_home))
    assert run(["score", "--cohort", str(cohort), "--model", model.id, "--out", str(cohort.parent / "scores"),
                "--jobs", "2"]) == 0
    table = read_table(cohort.parent / "scores" / "scores.csv")
    for row in table.to_dict("records"):
        voi = make_voi(read_image(row["image"]), read_mask(row["mask"])[0], model.image_protocol())
        assert row["score"] == pytest.approx(score_vois({"image": voi}, model).score, rel=1e-15)
    (user_home / "Backbones" / "deep-network.onnx").unlink()
    with pytest.raises(BackboneMissing):
        extract_cohort(read_cohort(cohort), model.image_protocol())


def test_a_scaling_is_fitted_from_deep_features_of_one_version(user_home: Path) -> None:
    model = load_model(deep_model(user_home))
    values = np.random.default_rng(1).normal(size=(20, FEATURES))
    table = pd.DataFrame(values, columns=NAMES).assign(
        case=[str(number) for number in range(20)], protocol_hash=model.image_protocol().hash, engine="onnxruntime",
        engine_version="1.23.0", error=None)
    scaling = fit_scaling(table, model, "own", disease="as the model's", origin="made for a test")
    assert scaling.engine == "onnxruntime" and scaling.means["dl_0002"] == pytest.approx(values[:, 2].mean())
    with pytest.raises(InputError, match="engine_version"):
        fit_scaling(table.assign(engine_version=["1.22.0", *["1.23.0"] * 19]), model, "own", disease="x", origin="y")
    with pytest.raises(InputError, match="extract with onnxruntime"):
        fit_scaling(table.assign(engine="native"), model, "own", disease="x", origin="y")


# Readings and perturbations -------------------------------------------------------------------------------------------


def test_two_readings_of_deep_features_are_compared(tmp_path: Path, user_home: Path) -> None:
    rows = []
    for number in range(6):
        image, mask = written(tmp_path, number)
        smaller = sitk.BinaryErode(sitk.ReadImage(mask), (1, 0, 0)) if number % 2 else sitk.ReadImage(mask)
        second = str(tmp_path / f"second{number}.nrrd")
        sitk.WriteImage(smaller, second)
        rows += [{"case": f"c{number}", "reader": reader, "image": image, "mask": path}
                 for reader, path in (("a", mask), ("b", second))]
    pd.DataFrame(rows).to_csv(tmp_path / "readings.csv", index=False)
    protocol = deep_protocol(user_home, more="masked = true")
    assert run(["reproducibility", "--cohort", str(tmp_path / "readings.csv"), "--protocol", protocol, "--out",
                str(tmp_path / "icc")]) == 0
    features = pd.concat([pd.read_csv(path) for path in (tmp_path / "icc").glob("*.csv")
                          if "feature" in pd.read_csv(path, nrows=0)])
    assert set(NAMES) <= set(features["feature"])


def test_a_deep_answer_is_perturbed_by_what_its_patch_follows(user_home: Path) -> None:
    model = load_model(deep_model(user_home, more="masked = true"))
    voi = make_voi(*textured_volume(), model.image_protocol(), "Tumour")
    settings = replace(load_settings().only(("noise", "volume", "translation")), alone=0)
    result = assess_stability({"image": voi}, model, settings=settings, count=10, jobs=1)
    assert result.settings.kinds == ("noise", "volume") and result.warnings[0].code == "kinds-left-out"
    assert "translation" in result.warnings[0].message and result.scored == 10
    assert len({item.score for item in result.perturbations}) == 10
    with pytest.raises(InputError, match="does not follow the perturbations rotation"):
        assess_stability({"image": voi}, model, settings=settings.only(("noise",)).__class__(
            id="turned", title="", alone=0, rotation=load_settings().rotation), count=10, jobs=1)


# On paper -------------------------------------------------------------------------------------------------------------


def test_dicom_tells_the_networks_of_features_apart() -> None:
    pytest.importorskip("highdicom")
    from RadiomicsPrognosisLib.dicom.codes import feature_code, method_code

    first, second = (method_code("dl_0012", digit * 64) for digit in "ab")
    assert first is not None and second is not None and first != second
    assert first.value == "DEEP-" + "a" * 11 and len(first.value) <= 16 and len(first.meaning) <= 64
    assert (feature_code("dl_0012").value, feature_code("dl_0012").scheme_designator) == ("dl_0012", "99RADPROG")
    assert method_code("original_firstorder_Mean", "a" * 64) is None


def test_the_protocol_of_the_documentation_is_one() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "deep_features.md").read_text(encoding="utf-8")
    table, = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    values = tomllib.loads(table.replace("the 64 digits that sha256sum printed", "0" * 64))
    protocol = parse_protocol(values, "s4-resnet50.toml")
    assert protocol.deep is not None and protocol.deep.masked and len(protocol.feature_names()) == 2048
    assert (protocol.deep.size, protocol.deep.spacing_mm, protocol.deep.pooling) == (224, (1.0, 1.0, 1.0), "max")

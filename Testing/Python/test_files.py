"""Files appear whole or not at all, content hashes mean content, settings tables refuse what they do not know."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from RadiomicsPrognosisLib.checked import Table
from RadiomicsPrognosisLib.errors import FileError, SchemaError
from RadiomicsPrognosisLib.files import content_hash, whole_file, write_json
from RadiomicsPrognosisLib.protocol import load_protocol, parse_protocol
from RadiomicsPrognosisLib.resources import listing
from RadiomicsPrognosisLib.sample import ensure_sample

NUMBERS = st.integers(-2**53, 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(st.none() | st.booleans() | NUMBERS | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_an_interrupted_output_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"a": 1})
    with pytest.raises(KeyboardInterrupt), whole_file(path) as f:
        f.write("half")
        raise KeyboardInterrupt
    assert path.read_text() == '{\n  "a": 1\n}\n'
    assert list(tmp_path.iterdir()) == [path]


def test_nan_is_never_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x.json", {"a": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="choose another folder"):
        write_json(tmp_path / "file" / "x.json", {})


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(), JSON, min_size=1))
def test_hash_ignores_key_order_and_sees_every_value(values: dict) -> None:
    assert content_hash(dict(reversed(values.items()))) == content_hash(values)
    key = next(iter(values))
    assert content_hash({**values, key: [values[key]]}) != content_hash(values)


def test_hash_does_not_tell_one_from_one_point_zero() -> None:
    assert content_hash({"a": [1, 2]}) == content_hash({"a": [1.0, 2.0]})
    assert content_hash({"a": True}) != content_hash({"a": 1})


def test_protocol_hash_changes_with_what_changes_values_only() -> None:
    base = {"id": "a", "title": "t", "modality": "CT", "feature_classes": ["shape"],
            "discretisation": {"bin_width": 25}, "image_types": {"original": True}}
    reference = parse_protocol(base, "a.toml").hash
    assert parse_protocol({**base, "id": "b", "title": "other", "source": "x"}, "b.toml").hash == reference
    for change in ({"discretisation": {"bin_width": 24}}, {"hu_range": {"min": -50}}, {"hu_range_on": "resampled"},
                   {"resampling": {"spacing_mm": [1, 1, 1]}}, {"image_types": {"original": True, "wavelet": {}}}):
        assert parse_protocol({**base, **change}, "c.toml").hash != reference


def test_shipped_protocols() -> None:
    assert set(listing("Protocols", ".toml")) == {"ct-hu50-1mm-wavelet", "ct-ibex-like-2d", "ct-original-raw"}
    s1, s2 = load_protocol("ct-hu50-1mm-wavelet"), load_protocol("ct-original-raw")
    assert (len(s1.feature_names()), len(s2.feature_names())) == (107 + 744, 107)
    assert (s1.hu_range, s1.hu_range_on) == ((-50.0, None), "native")
    assert (s1.resampling.spacing, s1.bin_width) == ((1, 1, 1), 25)
    assert (s2.hu_range, s2.resampling, s2.wavelet) == ((None, None), None, None)


@pytest.mark.parametrize(("change", "message"), [
    ({"colour": 1}, "'colour' is not a known key; allowed: .*hu_range"),
    ({"modality": "MR"}, "'modality' is 'MR'; allowed: CT"),
    ({"hu_range": [50, -50]}, "lower bound 50 above its upper bound -50"),
    ({"discretisation": {}}, "exactly one of bin_width and bin_count"),
    ({"discretisation": {"bin_width": 25, "bin_count": 32}}, "exactly one of bin_width and bin_count"),
    ({"discretisation": {"bin_width": 0}}, "'discretisation.bin_width' is 0; allowed: > 0"),
    ({"discretisation": {"bin_width": "25"}}, "must be a finite number, not '25'"),
    ({"resampling": {"spacing_mm": [1, 1]}}, "a list of 3 numbers"),
    ({"resampling": {"spacing_mm": [1, 1, 1], "interpolator": "cubic"}}, "allowed: bspline, linear, nearest"),
    ({"feature_classes": ["glcm", "colour"]}, "holds 'colour'; allowed: shape, shape2D, firstorder"),
    ({"feature_classes": ["glcm", "glcm"]}, "names 'glcm' twice"),
    ({"image_types": {"wavelet": {"levels": 9}}}, "whole number from 1 to 3"),
    ({"image_types": {"wavelet": {"name": "coiff1"}}}, "'image_types.wavelet.name' is 'coiff1'; allowed: .*coif1"),
    ({"image_types": {"orignal": True}}, "'image_types.orignal' is not a known key"),
    ({"image_types": {}}, "make no feature at all"),
])
def test_a_wrong_protocol_names_file_key_and_what_is_allowed(change: dict, message: str) -> None:
    base = {"id": "a", "title": "t", "modality": "CT", "feature_classes": ["glcm"],
            "discretisation": {"bin_width": 25}, "image_types": {"original": True}}
    with pytest.raises(SchemaError, match=message) as caught:
        parse_protocol({**base, **change}, "mine.toml")
    assert str(caught.value).startswith("mine.toml: ")


def test_a_toml_typing_error_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('id = "a"\nhu_range = [-50, null]\n')
    with pytest.raises(SchemaError, match="line 2"):
        load_protocol(path)


def test_table_refuses_true_for_a_number() -> None:
    with pytest.raises(SchemaError, match="finite number, not True"):
        Table({"a": True}, "x").number("a")


def test_a_damaged_sample_is_fetched_again_or_refused(sample_folder: Path, tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    for path in sample_folder.glob("lung*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert ensure_sample(tmp_path) == ""
    (tmp_path / "lung1_label.nrrd").write_bytes(b"damaged")
    monkeypatch.setattr("RadiomicsPrognosisLib.sample._PACKAGE", "no-such-package-of-radiomics==0")
    assert ensure_sample(tmp_path) != ""

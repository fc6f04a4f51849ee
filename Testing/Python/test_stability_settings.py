"""The settings of perturbations: what ships, what is refused and how, what changes the hash."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from RadiomicsPrognosisLib.errors import FileError, InputError, SchemaError
from RadiomicsPrognosisLib.files import read_toml
from RadiomicsPrognosisLib.resources import find, listing
from RadiomicsPrognosisLib.stability.record import KINDS
from RadiomicsPrognosisLib.stability.settings import DEFAULT_SETTINGS, load_settings, parse_settings


def table() -> dict[str, Any]:
    return read_toml(find("Perturbations", ".toml", DEFAULT_SETTINGS, "Settings"), "Settings")


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the default's table with the entry at a dotted path set."""
    values = copy.deepcopy(table())
    inner = values
    *tables, key = path.split(".")
    for name in tables:
        inner = inner[name]
    inner[key] = value
    return values


def test_the_default_has_every_kind_on_and_names_its_source() -> None:
    settings = load_settings()
    assert set(listing("Perturbations", ".toml")) == {DEFAULT_SETTINGS} == {settings.id}
    assert settings.kinds == KINDS
    assert "10.1038/s41598-018-36938-4" in settings.source
    assert settings.identity().hash == settings.hash and settings.identity().kinds == KINDS


@pytest.mark.parametrize(("path", "value", "message"), [
    ("rotation.angle", 3, "'rotation.angle' is not a known key; allowed: degrees, on"),
    ("turn", {}, "'turn' is not a known key; allowed:"),
    ("noise.level", 0, "'noise.level' is 0; allowed: > 0"),
    ("volume.change", [-0.9, 0.1], "'volume.change' is -0.9 to 0.1; allowed: within -0.5 to 1"),
    ("volume.change", [0.1, -0.1], "lower bound 0.1 above its upper bound -0.1"),
    ("rotation.degrees", {"min": -3}, "'rotation.degrees' must have both ends"),
    ("contour.never", 0.95, "'contour.never' is 0.95; allowed: below 'always', 0.9"),
    ("contour.supervoxel_mm3", "large", "'contour.supervoxel_mm3' must be a finite number"),
    ("translation.shift", [0, 2], "allowed: within -1 to 1"),
    ("alone", -1, "'alone' must be a whole number from 0 to 1000"),
    ("id", "", "'id' must be a text"),
])
def test_a_wrong_entry_is_named_with_file_key_and_what_is_allowed(path: str, value: object, message: str) -> None:
    with pytest.raises(SchemaError) as error:
        parse_settings(changed(path, value), "own.toml")
    assert str(error.value).startswith("own.toml: ") and message in str(error.value)


def test_a_kind_that_is_off_is_checked_nevertheless() -> None:
    settings = parse_settings(changed("rotation.on", False), "own.toml")
    assert settings.rotation is None and "rotation" not in settings.kinds
    values = changed("rotation.on", False)
    values["rotation"]["degrees"] = [0, 400]
    with pytest.raises(SchemaError, match="within -180 to 180"):
        parse_settings(values, "own.toml")


def test_settings_without_any_kind_are_refused() -> None:
    values = {key: value for key, value in table().items() if key not in KINDS}
    with pytest.raises(SchemaError, match="no kind of perturbation on"):
        parse_settings(values, "own.toml")


def test_only_some_kinds_can_be_asked_for() -> None:
    settings = load_settings()
    assert settings.only(["contour", "noise"]).kinds == ("noise", "contour")
    with pytest.raises(InputError, match="no kind of perturbation 'rotation'"):
        settings.only(["noise"]).only(["rotation"])
    with pytest.raises(InputError, match="at least one kind"):
        settings.only([])


def test_the_hash_is_of_what_changes_a_value() -> None:
    settings = load_settings()
    assert parse_settings(changed("title", "Other words"), "own.toml").hash == settings.hash
    assert parse_settings(changed("source", "Elsewhere"), "own.toml").hash == settings.hash
    others = [parse_settings(changed(path, value), "own.toml").hash for path, value in (
        ("rotation.degrees", [-12, 13]), ("alone", 6), ("noise.on", False), ("contour.always", 0.8))]
    assert len({settings.hash, *others}) == 5


def test_a_file_of_ones_own_is_read_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('id = "own"\ntitle = "Own"\n[noise]\nlevel = 2\n', encoding="utf-8")
    settings = load_settings(path)
    assert settings.kinds == ("noise",) and settings.noise is not None and settings.noise.level == 2
    with pytest.raises(FileError, match="There is no perturbation settings 'other'"):
        load_settings("other")

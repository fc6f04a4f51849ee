"""The house's rules that no eye should have to check: who imports what, what is packaged, what scoring needs."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE = ROOT / "RadiomicsPrognosis"
LIBRARY = MODULE / "RadiomicsPrognosisLib"

#: What scoring may import beyond the standard library: bundled with Slicer.
SCORING = {"numpy", "scipy", "SimpleITK"}

#: What the rest may import (Resources/requirements.txt and what Slicer bundles).
STUDY = {"pandas", "lifelines", "joblib", "sklearn", "matplotlib", "distributed", "pyarrow", "highdicom", "pydicom",
         "threadpoolctl", "vtk", "fpdf", "fontTools", "uharfbuzz", "shtab", "onnx", "onnxruntime"}


def imports(path: Path) -> set[str]:
    """Return the top-level packages a file imports absolutely, anywhere in it."""
    packages = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            packages |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            packages.add(node.module.partition(".")[0])
    return packages


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_library_imports_nothing_of_slicer_or_qt(path: Path) -> None:
    allowed = set(sys.stdlib_module_names) | SCORING | STUDY
    if path.name == "mrml.py":
        allowed |= {"slicer", "vtk"}
    assert imports(path) <= allowed


def test_only_the_process_of_the_network_imports_what_runs_it() -> None:
    users = {path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.py")
             if imports(path) & {"onnx", "onnxruntime"}}
    assert users == {"features/deep/backbone.py", "features/deep/network.py"}


def test_only_the_estimates_call_lifelines_and_statistics_are_numpy() -> None:
    """lifelines takes a second to import, and resampling loops must not reach it."""
    users = {path.parent.name for path in LIBRARY.rglob("*.py") if "lifelines" in imports(path)}
    assert users == {"estimates"}
    for path in (LIBRARY / "statistics").rglob("*.py"):
        assert imports(path) <= set(sys.stdlib_module_names) | {"numpy", "scipy", "threadpoolctl"}, path


def test_scoring_needs_only_what_slicer_bundles() -> None:
    """In a process where every other third-party package is hidden, a case can still be scored."""
    program = f"""
import sys
class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {sorted(STUDY | {"slicer", "jsonschema", "yaml", "radiomics", "pywt"})}:
            raise ImportError(name + " is hidden")
sys.meta_path.insert(0, Hide())
sys.path[:0] = [{str(MODULE)!r}, {str(Path(__file__).parent)!r}]
from RadiomicsPrognosisLib.models.store import load_model
from RadiomicsPrognosisLib.models.scaling import load_scaling
from RadiomicsPrognosisLib.phantom import ct_phantom
from RadiomicsPrognosisLib.prediction import score_vois
from RadiomicsPrognosisLib.voi import make_voi
model = load_model("s1_escc_lpfs_radscore")
voi = make_voi(*ct_phantom(), model.image_protocol())
print(score_vois({{"image": voi}}, model, load_scaling("demonstration-sts-ct", model)).score)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    float(done.stdout)


def test_every_package_of_the_library_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {path.parent.relative_to(MODULE).as_posix().replace("/", ".") for path in LIBRARY.rglob("__init__.py")}
    assert set(project["tool"]["setuptools"]["packages"]) == packages | {"RadiomicsPrognosisLib.Resources"}
    folders = {path.parent for path in LIBRARY.rglob("*.py")}
    assert all((folder / "__init__.py").is_file() for folder in folders)


def test_every_resource_is_in_the_wheel() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["RadiomicsPrognosisLib.Resources"]
    packaged = {path for pattern in patterns for path in (MODULE / "Resources").glob(pattern)}
    assert {path for path in (MODULE / "Resources").rglob("*") if path.is_file()} <= packaged


def test_cmake_packages_every_library_file_and_resource() -> None:
    """The globs of the module's CMakeLists.txt, evaluated, cover every file git knows of."""
    text = (MODULE / "CMakeLists.txt").read_text(encoding="utf-8")
    globs = re.findall(r"file\(GLOB_RECURSE \w+\s+RELATIVE \S+ CONFIGURE_DEPENDS\s+(.*?)\)", text, re.DOTALL)
    patterns = [pattern for block in globs for pattern in block.split()]
    packaged = set()
    for pattern in patterns:
        folder, _, name = pattern.partition("/")
        packaged |= {path for path in (MODULE / folder).rglob(name) if path.is_file()}
    wanted = {path for folder in ("RadiomicsPrognosisLib", "RadiomicsPrognosisPanel", "Resources")
              for path in (MODULE / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert wanted <= packaged
    assert {path.name for path in MODULE.glob("*.py")} <= {"RadiomicsPrognosis.py"}  # any other would be a module


def test_catalog_entry_and_description_agree_with_cmake() -> None:
    cmake = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    assert "project(RadiomicsPrognosis)" in cmake
    entry = json.loads((ROOT / "RadiomicsPrognosis.json").read_text(encoding="utf-8"))
    described = dict(line.split(" ", 1) for line in (ROOT / "RadiomicsPrognosis.s4ext").read_text().splitlines()
                     if line and not line.startswith("#"))
    assert entry["category"] == described["category"] == re.search(r'EXTENSION_CATEGORY "(.*?)"', cmake)[1]
    assert entry["scm_url"] == described["scmurl"]
    assert described["homepage"] == re.search(r'EXTENSION_HOMEPAGE "(.*?)"', cmake)[1]
    for key, variable in (("iconurl", "EXTENSION_ICONURL"), ("screenshoturls", "EXTENSION_SCREENSHOTURLS")):
        url = re.search(rf'{variable} "(.*?)"', cmake)[1]
        assert described[key] == url
        assert (ROOT / url.split("/main/", 1)[1]).is_file()


def test_nothing_is_unpickled() -> None:
    for path in LIBRARY.rglob("*.py"):
        assert not imports(path) & {"pickle", "dill", "shelve", "marshal", "cloudpickle"}, path

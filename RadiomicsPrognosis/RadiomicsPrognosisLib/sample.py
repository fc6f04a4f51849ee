"""The sample CT: two chest CTs with tumour contours inside pyradiomics' source package, fetched once and checked."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import SimpleITK as sitk

from .files import sha256_file, whole_file
from .phantom import PHANTOM_NAME, ct_phantom
from .resources import cache_folder

#: The source package that carries the data, of which only they are unpacked; pyradiomics 3.0.1's holds the same.
_PACKAGE = "pyradiomics-bhklab==3.1.4"

_SHA256 = {
    "lung1_image.nrrd": "379fa48bf34cfa961e6f5ec19c0c38757a30b9aa884212ef28dc29b5061c64ed",
    "lung1_label.nrrd": "e9d9a88054d7bc1d3034193ff907ce6b8c6ba28a7bc3a16f23728982d1b6b50a",
    "lung2_image.nrrd": "aa2b94eec79127ed786798ac8dc3c013010e1692d5787bebfae1a1e9685a4651",
    "lung2_label.nrrd": "cef52738dc51aab69a48fe30639da956d2b911b1c2920439c091fab84727657a",
}


@dataclass(frozen=True)
class Sample:
    """A case to show the software with: paths of image and mask, what it is, and why it is not the real CT if so."""

    name: str
    image: Path
    mask: Path
    note: str = ""


def sample_case(name: str = "lung2", folder: Path | None = None) -> Sample:
    """Return the sample CT ``lung1`` or ``lung2``, fetching it once; without network a phantom that says so.

    ``folder`` is where the files are kept (the cache folder when None).
    """
    folder = folder or cache_folder() / "sample"
    problem = ensure_sample(folder)
    if not problem:
        return Sample(f"{name}: chest CT with a lung tumour (pyradiomics test case)", folder / f"{name}_image.nrrd",
                      folder / f"{name}_label.nrrd")
    image, mask = ct_phantom()
    paths = folder / "phantom_image.nrrd", folder / "phantom_label.nrrd"
    folder.mkdir(parents=True, exist_ok=True)
    for item, path in zip((image, mask), paths, strict=True):
        sitk.WriteImage(item, str(path), useCompression=True)
    return Sample(PHANTOM_NAME, *paths, note=f"The sample CT could not be fetched ({problem}); "
                                             f"this is a {PHANTOM_NAME}.")


def ensure_sample(folder: Path) -> str:
    """Fetch the sample files into ``folder`` unless they are there and unchanged; return why not, or an empty text."""
    if all(_is_whole(folder / name) for name in _SHA256):
        return ""
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
                   "--no-binary", _PACKAGE.partition("==")[0], "--dest", temporary, _PACKAGE]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"pip did not run: {error}"
        archives = list(Path(temporary).glob("*.tar.gz"))
        if done.returncode or len(archives) != 1:
            return "no network or no package index" if "onnection" in done.stderr else _last_line(done.stderr)
        return _unpack(archives[0], folder)


def _unpack(archive: Path, folder: Path) -> str:
    with tarfile.open(archive) as bundle:
        members = {Path(member.name).name: member for member in bundle.getmembers() if member.isfile()}
        for name in _SHA256:
            source = bundle.extractfile(members[name]) if name in members else None
            if source is None:
                return f"{name} is not in {archive.name}"
            with whole_file(folder / name, "wb") as f:
                f.write(source.read())
    damaged = [name for name in _SHA256 if not _is_whole(folder / name)]
    return f"{', '.join(damaged)} differ from the published files" if damaged else ""


def _is_whole(path: Path) -> bool:
    return path.is_file() and sha256_file(path) == _SHA256[path.name]


def _last_line(text: str) -> str:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "pip failed"

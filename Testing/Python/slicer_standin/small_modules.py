"""Slicer's small Python modules: i18n, packaging, and the Sample Data module's registry."""

from __future__ import annotations

import importlib.metadata
import inspect
from pathlib import Path
from typing import Any

import slicer
from packaging.requirements import Requirement


def translate(context: str, text: str) -> str:
    """slicer.i18n.translate: the application's translation of ``text``."""
    return slicer.app.translate(context, text)


def tr(text: str) -> str:
    """slicer.i18n.tr: translate with the name of the calling file (and of its package) as context."""
    if not isinstance(text, str):
        raise TypeError(f"tr() takes a text, not {text!r}")
    source = Path(inspect.currentframe().f_back.f_code.co_filename)
    package = f"{source.parent.name}." if (source.parent / "__init__.py").is_file() else ""
    return translate(package + source.stem, text)


def load_requirements(path: str | Path) -> list[Requirement]:
    """slicer.packaging.load_requirements: the requirements of a file without comments and pip options."""
    lines = (line.strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith(("#", "-"))]


def _installed(item: Requirement) -> bool:
    if item.marker is not None and not item.marker.evaluate():
        return True
    try:
        return item.specifier.contains(importlib.metadata.version(item.name), prereleases=True)
    except importlib.metadata.PackageNotFoundError:
        return False


def pip_ensure(requirements: list[Requirement], *, requester: str | None = None) -> None:
    """slicer.packaging.pip_ensure of a user who declines: RuntimeError for a missing package, nothing in testing."""
    missing = [str(item) for item in requirements if not _installed(item)]
    if missing and not slicer.app.testingEnabled():
        raise RuntimeError(f"User declined the installation of {', '.join(missing)}")


class SampleDataLogic:
    """SampleData.SampleDataLogic: keeps what is registered in ``slicer.modules``, as the Sample Data module does."""

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None:
        if not hasattr(slicer.modules, "sampleDataSourceCategories"):
            slicer.modules.sampleDataSourceCategories = {}
        slicer.modules.sampleDataSourceCategories.setdefault(category, {})["title"] = title

    @staticmethod
    def registerCustomSampleDataSource(category: str = "Custom", sampleName: Any = None, uris: Any = None,
                                       fileNames: Any = None, nodeNames: Any = None, customDownloader: Any = None,
                                       thumbnailFileName: Any = None, loadFileTypes: Any = None, loadFiles: Any = None,
                                       loadFileProperties: Any = None, checksums: Any = None) -> None:
        source = {key: value for key, value in locals().items() if key != "category"}
        lengths = {len(value) for value in (uris, fileNames, nodeNames, loadFileTypes, checksums)
                   if isinstance(value, list)}
        if len(lengths) > 1:
            raise ValueError(f"sample '{sampleName}': its lists differ in length")
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}
        sources = slicer.modules.sampleDataSources.setdefault(category, [])
        if source not in sources:
            sources.append(source)

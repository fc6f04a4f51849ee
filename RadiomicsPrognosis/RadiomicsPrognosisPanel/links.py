"""What the links in the panel's texts do."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.problem import Problem

from . import texts


def follow(link: str, problem: Problem | None) -> None:
    """Follow a link in the text of ``problem``: open the Extensions Manager, or show what a fault report needs."""
    if link == texts.EXTENSIONS_LINK:
        slicer.app.openExtensionsManagerDialog()
    elif link == texts.DETAILS_LINK and problem is not None:
        slicer.util.errorDisplay(problem.message or _("A fault of the software"), detailedText=problem.details)


def open_path(path: Path) -> None:
    """Open a file or a folder with the program that the computer has for it."""
    qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(path)))

"""What the links in the panel's texts do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from RadiomicsPrognosisLib.presenter.problem import Problem

from . import saving, texts


def follow(link: str, problem: Problem | None, again: Callable[[], None] | None = None) -> None:
    """Follow a link in the text of ``problem``.

    It opens the Extensions Manager, shows what a fault report needs, or installs what was missing, asking first: then
    ``again`` is called.
    """
    if link == texts.EXTENSIONS_LINK:
        slicer.app.openExtensionsManagerDialog()
    elif link == texts.DETAILS_LINK and problem is not None:
        slicer.util.errorDisplay(problem.message or _("A fault of the software"), detailedText=problem.details)
    elif link == texts.INSTALL_LINK:
        _install(again)


def _install(again: Callable[[], None] | None) -> None:
    """Install what runs networks if the user agrees; who declines knows what was asked and is told nothing."""
    notice = saving.ensure_network_packages()
    if notice is None and again is not None:
        again()
    elif notice is not None and notice.problem is not None and notice.problem.details:
        slicer.util.errorDisplay(notice.problem.message, detailedText=notice.problem.details)


def open_path(path: Path) -> None:
    """Open a file or a folder with the program that the computer has for it."""
    qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(path)))

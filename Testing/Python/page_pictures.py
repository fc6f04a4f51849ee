"""Pictures of HTML pages as a reader sees them, by chromium where it is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

#: Blink's setting for the reader's preference.
_THEMES = {"dark": 0, "light": 1}


def picture_page(page: Path, windows: Mapping[str, tuple[int, int]], stem: str) -> None:
    """Write ``stem-WINDOW-THEME.png`` beside ``page`` for windows of (width, height) pixels, light and dark.

    Without chromium (or google-chrome) only a line on the terminal says so.
    """
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        print(f"No chromium here: {page.name} is not pictured.")
        return
    for window, (width, height) in windows.items():
        for theme, preference in _THEMES.items():
            with tempfile.TemporaryDirectory() as profile:
                subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                                "--disable-sync", f"--user-data-dir={profile}", "--hide-scrollbars",
                                f"--blink-settings=preferredColorScheme={preference}",
                                f"--window-size={width},{height}",
                                f"--screenshot={page.with_name(f'{stem}-{window}-{theme}.png').resolve()}",
                                page.resolve().as_uri()], check=True, capture_output=True)

"""A real browser without a window, for the tests of what runs in one."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")

#: Where a script that drives a page leaves its result.
_RESULT = "browser-result"


def chromium() -> str:
    """Return the path of a Chromium. Skips the test where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip(f"no headless browser here (looked for {', '.join(_NAMES)}): Debian's package is 'chromium'")
    return path


def run_in_page(page: str, script: str, folder: Path) -> Any:
    """Return what ``script``, a JavaScript function's body, returns in ``page`` after the page's own scripts have run.

    The page may run no script but its own; for the driver that rule is lifted.
    """
    driver = (f"<script>{{const result = (() => {{{script}}})();\nconst kept = document.createElement('pre');\n"
              f"kept.id = '{_RESULT}';\nkept.textContent = JSON.stringify(result);\n"
              "document.body.append(kept);}</script>")
    assert page.count("</body>") == 1
    driven = re.sub(r"script-src 'sha256-[^']+'", "script-src 'unsafe-inline'", page)
    driven = driven.replace("</body>", f"{driver}</body>")
    path = folder / "driven.html"
    path.write_text(driven, encoding="utf-8")
    done = subprocess.run([chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1200,900",
                           f"--user-data-dir={folder / 'profile'}", "--dump-dom", path.as_uri()],
                          capture_output=True, encoding="utf-8", timeout=120, check=True)
    match = re.search(rf'<pre id="{_RESULT}">(.*?)</pre>', done.stdout, re.DOTALL)
    assert match, f"the page's script failed: {done.stderr[-2000:]}"
    return json.loads(html.unescape(match[1]))

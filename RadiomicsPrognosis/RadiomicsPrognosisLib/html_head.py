"""The head of a page that is one file: it loads nothing, runs one script, and has the colours of the screen."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from .palette import css_variables


def html_head(title: str, script: str, styles: str, pictures: bool = False) -> str:
    """Return the <head> of a page with the ``title`` (plain text) and the CSS ``styles``.

    The browser is told to load nothing and to run no script but ``script``, which stands in the page as it is; with
    ``pictures`` it may show those that the page itself holds.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    images = "img-src data:; " if pictures else ""
    return f"""<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; {images}\
script-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{css_variables()}
{styles}</style>
</head>"""

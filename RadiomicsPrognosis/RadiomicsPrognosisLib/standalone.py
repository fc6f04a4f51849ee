"""The head of an HTML page in one file: in the colours of the reader's screen, it loads nothing and runs one script."""

from __future__ import annotations

import base64
import hashlib
from html import escape

from .palette import css_variables


def page_head(title: str, script: str, style: str, pictures: bool = False) -> str:
    """Return the element ``head``: the browser is told to load nothing and to run ``script`` alone, by its SHA-256.

    ``title`` is plain text, ``style`` the page's CSS after the colours; ``pictures`` within the file are allowed where
    asked for.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    images = " img-src data:;" if pictures else ""
    return f"""<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';{images} \
script-src 'sha256-{digest}'; form-action 'none'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>
{css_variables()}
{style}</style>
</head>"""

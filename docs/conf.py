"""How Sphinx builds the documentation: offline, from Markdown, with the pages that follow from the product itself."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
MODULE = DOCS.parent / "RadiomicsPrognosis"
sys.path[:0] = [str(DOCS), str(MODULE)]

# The notebooks' kernels find the library, too; and what a page says must not depend on who builds it: no models or
# scalings of their own.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(MODULE), os.environ.get("PYTHONPATH"))))
HOME = tempfile.TemporaryDirectory(prefix="radiomics-prognosis-docs-")
os.environ["RADIOMICS_PROGNOSIS_HOME"] = os.environ["IPYTHONDIR"] = HOME.name
# Kernels listen on this machine only; that this is not encrypted need not be said three times.
KERNEL = Path(HOME.name) / "profile_default" / "ipython_kernel_config.py"
KERNEL.parent.mkdir()
KERNEL.write_text("c.IPKernelApp.log_level = 40\n", encoding="utf-8")

from generate import write_pages

from RadiomicsPrognosisLib.version import __version__

write_pages()

project = "RadiomicsPrognosis"
author = "RadiomicsPrognosis team"
copyright = "RadiomicsPrognosis team, Apache License 2.0"
release = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints", "_generated/[a-z]*.md", "requirements.txt"]
include_patterns = ["**"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
suppress_warnings: list[str] = []

nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_execution_show_tb = True

autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_type_aliases = {name: name for name in ("ArrayLike", "Floats", "Integers", "Mask", "MaskedArray", "Progress")}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 100
add_module_names = False
autodoc_member_order = "bysource"
smartquotes = False  # options begin with two hyphens
nitpicky = True
# Other libraries' documentation is elsewhere; what is ours must resolve.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!RadiomicsPrognosisLib).*"),
    (r"py:class", r".*\._\w+"),  # type variables
    (r"py:class", r"RadiomicsPrognosisLib\.statistics\.bootstrap\.Model"),
]

html_theme = "furo"
html_title = "RadiomicsPrognosis"
html_static_path = ["_static"]
html_extra_path = ["_generated/pages"]
html_css_files = ["style.css"]
html_show_sphinx = False
html_copy_source = False


def fields(app: object, what: str, name: str, item: Any, options: object, lines: list[str]) -> None:
    """Turn the docstrings' heading 'Parameters' with lines 'name: text' into a field list, which is what Sphinx reads.

    Outside of code, a bar as in |rho| is a sign and no substitution, and a sibling module is called by its whole name.
    """
    inside, out = False, []
    for number, line in enumerate(lines):
        if line == "Parameters" and set("".join(lines[number + 1:number + 2])) == {"-"}:
            inside = True
            continue
        if inside and set(line) == {"-"}:
            continue
        entry = re.match(r"(\w+(?:, \w+)*): (.*)", line) if inside else None
        inside = inside and (entry is not None or not line or line.startswith(" "))
        out.append(f":param {entry[1]}: {entry[2]}" if entry else line)
    module = name
    while module and module not in sys.modules:
        module = module.rpartition(".")[0]
    package = module if hasattr(sys.modules[module], "__path__") else module.rpartition(".")[0]
    for number, line in enumerate(out):
        pieces = line.split("``")
        pieces[::2] = [re.sub(r":mod:`\.(\w+)`", rf":mod:`{package}.\1`", piece).replace("|", "\\|")
                       for piece in pieces[::2]]
        out[number] = "``".join(pieces)
    lines[:] = out


def aliases(app: object, what: str, name: str, item: object, options: object, signature: str | None,
            returned: str | None) -> tuple[str | None, str | None]:
    """Show an alias inside another type by its name, as Sphinx does where it stands alone."""
    return tuple(text and re.sub(r"TypeAliasForwardRef\('(\w+)'\)", r"\1", text) for text in (signature, returned))


def tuple_fields(app: object, what: str, name: str, item: object, skip: bool, options: object) -> bool | None:
    """Leave out the fields of named tuples, which stand in the signature and have no words of their own."""
    return True if type(item).__name__ == "_tuplegetter" else None


def setup(app: Any) -> None:
    """Register what this file changes."""
    app.connect("autodoc-process-docstring", fields)
    app.connect("autodoc-process-signature", aliases)
    app.connect("autodoc-skip-member", tuple_fields)

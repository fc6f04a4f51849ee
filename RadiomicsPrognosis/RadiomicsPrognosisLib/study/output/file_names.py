"""Names in the folder that a study or a validation leaves."""

from __future__ import annotations

#: All numbers; they also mark a folder as a study's or a validation's, so that a new run may replace it.
STUDY_FILE, VALIDATION_FILE = "study.json", "validation.json"

#: The recipe as it was run, the feature protocol it names, and the page.
RECIPE_FILE, PROTOCOL_FILE, REPORT_FILE = "recipe.toml", "protocol.toml", "report.html"

#: Folders, the first two named as in the user's folder, so that their files can be copied there.
MODELS, SCALINGS, PAGES, TABLES, FIGURES = "Models", "Scalings", "Pages", "tables", "figures"

#: Everything that may stand there.
CONTENTS = frozenset((STUDY_FILE, VALIDATION_FILE, RECIPE_FILE, PROTOCOL_FILE, REPORT_FILE, MODELS,
                      SCALINGS, PAGES, TABLES, FIGURES))

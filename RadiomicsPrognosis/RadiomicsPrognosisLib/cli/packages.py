"""What commands need beyond what scoring does, and what is said where it is missing."""

from __future__ import annotations

from types import ModuleType

from ..errors import PackageMissing

_INSTALL = "run 'pip install -r requirements.txt' with the file in Resources."


def need_study_packages() -> None:
    """Raise PackageMissing unless the packages of studies are there."""
    try:
        import joblib  # noqa: F401
        import matplotlib  # noqa: F401
        import pandas  # noqa: F401
        import sklearn  # noqa: F401
        import threadpoolctl  # noqa: F401

        from ..estimates import cox  # noqa: F401 - lifelines, which only the estimates import
    except ImportError as error:
        raise PackageMissing(f"Studies need packages that scoring does not ({error}); {_INSTALL}") from None


def cohort_modules() -> tuple[ModuleType, ModuleType]:
    """Return the modules ``cohort.table`` and ``cohort.extraction``. Raises PackageMissing with what to install."""
    try:
        from ..cohort import extraction, table
    except ImportError as error:
        raise PackageMissing(f"Cohorts need packages that scoring does not ({error}); {_INSTALL}") from None
    return table, extraction

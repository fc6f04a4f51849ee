"""LASSO-Cox and LASSO-logistic regression: regularisation paths, cross-validation and folds, equal to R's glmnet."""

from __future__ import annotations

from .cross_validation import MEASURES, RULES, CrossValidation, cross_validate
from .folds import stratified_folds
from .path import Path, cox_path, logistic_path

__all__ = ["MEASURES", "RULES", "CrossValidation", "Path", "cox_path", "cross_validate", "logistic_path",
           "stratified_folds"]

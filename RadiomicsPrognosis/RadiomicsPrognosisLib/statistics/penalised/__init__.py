"""LASSO-Cox and LASSO-logistic regression: regularisation paths, cross-validation and folds, equal to R's glmnet."""

from __future__ import annotations

from .cross_validation import MEASURES, RULES, CrossValidation, cross_validate
from .folds import stratified_folds

__all__ = ["MEASURES", "RULES", "CrossValidation", "cross_validate", "stratified_folds"]

"""Estimators and tests in plain numpy: arrays in, frozen records out; nothing here knows of studies or files."""

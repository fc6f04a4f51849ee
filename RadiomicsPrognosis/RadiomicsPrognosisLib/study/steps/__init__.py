"""The steps of a study, each from rows to one record of its results."""

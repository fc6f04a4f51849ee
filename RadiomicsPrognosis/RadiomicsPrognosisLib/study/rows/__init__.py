"""A cohort table as the rows of a study: checked, split, and turned into the columns of a regression."""

"""The statistics of a study, one module each; what they take and return are arrays and frozen records."""

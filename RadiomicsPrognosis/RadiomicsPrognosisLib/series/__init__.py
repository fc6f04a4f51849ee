"""A DICOM series checked before it is read, how its images were acquired, and whose they are."""

"""What a study found: frozen records of every number it reports."""

"""Models as data: signature, cut-off, survival or probability part, scalings, and where they are stored."""

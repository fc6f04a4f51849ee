"""Feature extraction in a warm process of its own: a crash, hang or long computation there never stops the caller."""

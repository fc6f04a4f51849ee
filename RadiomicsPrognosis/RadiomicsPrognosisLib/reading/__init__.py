"""Repeated contours of one lesion: how well they agree."""

"""The Qt side of the panel: widgets wired to RadiomicsPrognosisLib.panel, which has all that needs no Qt."""

"""The Qt side of the panel: widgets wired to RadiomicsPrognosisLib.presenter, which has all that needs no Qt."""

"""The matrices that texture features are computed from, in numpy."""

"""The publications of the methods that a readers' study uses, each once, with its DOI."""

from __future__ import annotations

from urllib.parse import quote

from ...report.blocks import Facts, Link

#: By a short key: citation and DOI.
_PUBLICATIONS = {
    "shrout": ("Shrout & Fleiss, Psychol Bull 1979;86:420", "10.1037/0033-2909.86.2.420"),
    "mcgraw": ("McGraw & Wong, Psychol Methods 1996;1:30", "10.1037/1082-989X.1.1.30"),
    "koo": ("Koo & Li, J Chiropr Med 2016;15:155", "10.1016/j.jcm.2016.02.012"),
    "bland1986": ("Bland & Altman, Lancet 1986;327:307", "10.1016/S0140-6736(86)90837-8"),
    "bland1999": ("Bland & Altman, Stat Methods Med Res 1999;8:135", "10.1177/096228029900800204"),
    "carkeet": ("Carkeet, Optom Vis Sci 2015;92:e71", "10.1097/OPX.0000000000000513"),
    "cohen": ("Cohen, Educ Psychol Meas 1960;20:37", "10.1177/001316446002000104"),
    "fleiss1969": ("Fleiss, Cohen & Everitt, Psychol Bull 1969;72:323", "10.1037/h0028106"),
    "fleiss1971": ("Fleiss, Psychol Bull 1971;76:378", "10.1037/h0031619"),
    "gwet": ("Gwet, Educ Psychol Meas 2021;81:781", "10.1177/0013164420973080"),
    "clopper": ("Clopper & Pearson, Biometrika 1934;26:404", "10.1093/biomet/26.4.404"),
    "dice": ("Dice, Ecology 1945;26:297", "10.2307/1932409"),
    "taha": ("Taha & Hanbury, BMC Med Imaging 2015;15:29", "10.1186/s12880-015-0068-x"),
    "ibsi": ("Zwanenburg et al., Radiology 2020;295:328", "10.1148/radiol.2020191145"),
    "pyradiomics": ("van Griethuysen et al., Cancer Res 2017;77:e104", "10.1158/0008-5472.CAN-17-0339"),
    "kottner": ("Kottner et al., J Clin Epidemiol 2011;64:96", "10.1016/j.jclinepi.2010.03.002"),
}


class References:
    """Numbers the publications in the order in which they are first cited."""

    def __init__(self) -> None:
        self._cited: dict[str, int] = {}

    def __call__(self, *keys: str) -> str:
        """Return the citations of ``keys`` as '[1, 4]'. Raises KeyError for an unknown one."""
        for key in keys:
            if key not in _PUBLICATIONS:
                raise KeyError(key)
            self._cited.setdefault(key, len(self._cited) + 1)
        return f"[{', '.join(str(self._cited[key]) for key in keys)}]"

    def listed(self) -> Facts:
        """Return the publications that were cited."""
        return Facts(tuple(_entry(number, *_PUBLICATIONS[key]) for key, number in self._cited.items()))


def _entry(number: int, citation: str, doi: str) -> tuple[str, Link]:
    return f"[{number}]", Link(f"{citation}, doi:{doi}", f"https://doi.org/{quote(doi)}")

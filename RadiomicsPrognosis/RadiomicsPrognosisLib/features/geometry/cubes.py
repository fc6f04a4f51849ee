"""Marching cubes: the triangles that pyradiomics lays through each of the 256 configurations of a cube's corners.

A cube is eight neighbouring voxel centres. Where an edge joins a voxel of the mask with one outside, its midpoint is a
vertex of the mesh (Lorensen and Cline, Computer Graphics 1987;21:163-169); how the vertices of a cube are joined is a
matter of choice, and the choice tabulated here is the one whose areas and volumes equal pyradiomics' in every
configuration. A configuration and its complement have the same triangles, turned round.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np

#: The midpoints of the twelve edges in half voxels (k, j, i), called a to l in ``_TABLE``.
_MIDPOINTS = np.array([point for point in product(range(3), repeat=3) if point.count(1) == 1])

#: Configurations 1 to 127, three letters a triangle, seen anticlockwise from outside the mask. Bit ``4 k + 2 j + i`` of
#: a configuration is set where the corner (k, j, i) lies in the mask; from 128 on, the complement counts.
_TABLE = """
aeb acf bcecfe bgd aeddeg acfbgd cfddfgegf cdh aebcdh adfdhf bdedheehf bgccgh aeccehegh abfbgffgh egffgh eij
aibbij acfeij bcjcficij bgdeij aiddiggij acfbgdeij cfddfgfiggij cdheij aibbijcdh adfdhfeij bdhbhibijfih
bgccgheij ahcaijajhghj abfbgfeijfgh fghfiggij fki aebfki acicki bckbiebki bgdfki aeddegfki acibgdcki
cgdcigckiegi cdhfki aebcdhfki adidhihki bdedheehihki bgccghfki aecceheghfki abgagkakighk eghehihki efjfkj
afbbfkbkj acecjeckj bcjckj bgdefjfkj afddfgfjgfkj acebgdcjeckj cgdcjgckj cdhefjfkj afbbfkbkjcdh adedheehkekj
bdhbhkbkj bcecfegjhhjk afkaghahcajgakj abgaghahkajeakj ghjhkj gjl aejagbajlalg acfgjl bclblgcflejlelf bjddjl
aejajlald abfbjfcfddflfjl cejcfecjlcld cdgcgjcjhhjl aecbdgcehejhhjl adjajfdgjfjhhjl bdgehfejhhjl bjccjhhjl
aeccehejhhjl abfbjlblfflh ehfejhhjl eiggil agbailalg acecficgecilclg bcfbfgfilflg beddeidil aiddil abecfddfidil
cfddfidil cdgceicgecilclh ahcailalhbdg adedgefihhil bdgfihhil becceheilelh ahcailalh abefihhil fihhil
fgifkggjigkl afbbfgejifkggkl acgagickggjigkl bckbkgejigkl bfdbjfdflfjifkl afkaklaldeji abibjickddkl ckddkleji
cdfdgffgigjihkl abechdfikglj adidgigjihkl bdgejihkl bjccifcjihkl afcejihkl abibjihkl ejihkl efgfkggkl
afbbfgfkggkl acecklcleelg bckbkggkl beddekdklefk afkaklald abeckddkl ckddkl cdfdgfefghkl afcbdghkl adedgehkl
bdghkl beccefhkl afchkl abehkl hkl
"""


class CubeSurfaces(NamedTuple):
    """The mesh inside a cube for every configuration, as integers.

    ``corner`` (256,) is 48 times the signed volume between the triangles and the cube's corner (0, 0, 0), in voxels;
    ``normal`` (256, 3) the sum of the triangles' normals (k, j, i), eight times as long as their area in faces of a
    voxel. ``configuration`` (t,) and ``normals`` (t, 3) list the normals triangle by triangle.
    """

    corner: np.ndarray
    normal: np.ndarray
    configuration: np.ndarray
    normals: np.ndarray


@cache
def cube_surfaces() -> CubeSurfaces:
    """Return the volumes and normals of the 256 configurations."""
    words = _TABLE.split()
    letters = "".join(words)
    a, b, c = _MIDPOINTS[[ord(letter) - ord("a") for letter in letters]].reshape(-1, 3, 3).transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    volumes = np.einsum("ti,ti->t", np.cross(a, b), c)
    configuration = np.repeat(np.arange(1, 128), [len(word) // 3 for word in words])
    corner, normal = np.zeros(256, np.int64), np.zeros((256, 3), np.int64)
    np.add.at(corner, configuration, volumes)
    np.add.at(normal, configuration, normals)
    return CubeSurfaces(corner - corner[::-1], normal - normal[::-1],
                        np.concatenate([configuration, 255 - configuration]), np.concatenate([normals, -normals]))

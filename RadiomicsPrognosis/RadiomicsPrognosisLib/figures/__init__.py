"""What people would rather look at than read: a prediction's figures, drawn with matplotlib, as SVG and PNG.

Every function takes a prediction and the model it was made with; only the two pictures of the VOI need the VOI itself.
Nothing is computed here.
"""

from .contributions import contribution_table, draw_contributions
from .nomogram import draw_nomogram
from .score_scale import draw_score_scale
from .surface import draw_surface
from .survival import draw_survival
from .theme import DARK, LIGHT, PRINT_WIDTH_CM, THEMES, Theme, inline_svg, png_bytes, save_figure, svg_text
from .voi_picture import draw_largest_slice, draw_voi

__all__ = ["DARK", "LIGHT", "PRINT_WIDTH_CM", "THEMES", "Theme", "contribution_table", "draw_contributions",
           "draw_largest_slice", "draw_nomogram", "draw_score_scale", "draw_surface", "draw_survival", "draw_voi",
           "inline_svg", "png_bytes", "save_figure", "svg_text"]

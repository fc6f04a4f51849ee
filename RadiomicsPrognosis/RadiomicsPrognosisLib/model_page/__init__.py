"""A model as one self-contained HTML page that computes its answer in the reader's browser."""

from .page import model_page, write_model_page

__all__ = ["model_page", "write_model_page"]

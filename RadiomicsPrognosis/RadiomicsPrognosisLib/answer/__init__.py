"""What is told of a prediction: the same words, in the same order, wherever it is shown."""

from .answer import answer_of
from .lines import answer_lines
from .record import DEMONSTRATION, Answer, Limit, Omission, Outcome

__all__ = ["DEMONSTRATION", "Answer", "Limit", "Omission", "Outcome", "answer_lines", "answer_of"]

"""What is told of a prediction: the same words, in the same order, wherever it is shown."""

from .answer import answer_of
from .answer_record import DEMONSTRATION, Answer, Limit, Omission, Outcome
from .lines import answer_lines

__all__ = ["DEMONSTRATION", "Answer", "Limit", "Omission", "Outcome", "answer_lines", "answer_of"]

"""Scores an index or a reader on questions whose answers are known."""

from rag.evaluation.questions import Question, read_questions, read_squad
from rag.evaluation.reading import squad
from rag.evaluation.running import evaluate

__all__ = ["Question", "evaluate", "read_questions", "read_squad", "squad"]

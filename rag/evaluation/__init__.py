"""Score an index or a reader on questions with known answers."""

from rag.evaluation.questions import Question, read_questions, read_squad
from rag.evaluation.reader import squad
from rag.evaluation.run import evaluate

__all__ = ["Question", "evaluate", "read_questions", "read_squad", "squad"]

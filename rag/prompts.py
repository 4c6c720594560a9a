"""Fixed phrases."""

NOT_FOUND = "These articles do not answer that."
NEAREST = "The nearest passages:"
EXTRACTIVE = "Answered from the articles' own sentences, without a language model."

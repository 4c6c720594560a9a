"""Fixed phrases."""

NOT_FOUND = "These articles do not answer that."
NEAREST = "The nearest passages:"

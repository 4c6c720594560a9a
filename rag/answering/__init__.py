"""Turn passages into a cited answer, quoted (extractive) or written by an LLM (generative), every claim verified."""

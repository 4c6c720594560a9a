"""The models: embedding, reader (reranking and span extraction), support check (NLI) and LLMs."""

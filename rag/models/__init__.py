"""The models: embedding, reading (reranking with span extraction), support checking (NLI) and LLMs."""

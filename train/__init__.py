"""How the shipped reader was trained: data, model, training, export. Nothing in `rag` imports it."""

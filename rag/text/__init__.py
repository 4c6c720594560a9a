"""Analyse text: sentences, chunks, dates, words and MinHash signatures (pure)."""

"""Text as data: sentences, chunks, dates, words and the signatures by which texts are compared (pure)."""

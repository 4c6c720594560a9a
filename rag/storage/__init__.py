"""An index on disk: articles in SQLite, BM25 in Tantivy, vectors in Chroma, and the generations that hold them."""

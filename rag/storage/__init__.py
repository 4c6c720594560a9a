"""Store an index on disk: articles in SQLite, BM25 in Tantivy, vectors in Chroma, in generations."""

"""The Articles tab: the table, uploads and indexing jobs."""

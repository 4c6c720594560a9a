"""Retrieve passages for a question: rewriting, hybrid search, fusion, grouping and confidence."""

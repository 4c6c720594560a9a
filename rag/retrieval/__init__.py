"""From a question to ranked passages: rewriting, hybrid search, fusion, grouping and confidence."""

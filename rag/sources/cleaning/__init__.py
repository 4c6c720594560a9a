"""Clean text: encodings, Unicode, hidden text, pasted pages, dates and languages."""

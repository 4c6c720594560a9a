"""Parsers, one a file format."""

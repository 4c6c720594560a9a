"""Loaders and parsers, a module for each file format."""

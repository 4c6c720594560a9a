"""Bring sources into an index: scan, decide, build and verify."""

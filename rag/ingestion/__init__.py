"""From sources to an index: scan, decide, build and verify."""

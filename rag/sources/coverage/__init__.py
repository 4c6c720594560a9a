"""Measure how many of the visible words of a source reach its articles, by a second reading that no loader shares."""

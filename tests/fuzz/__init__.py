"""Targets for a fuzzer: whatever reads what strangers write, with what must hold for every input."""

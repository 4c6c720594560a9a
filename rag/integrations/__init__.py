"""Adapters for other frameworks: LlamaIndex and Ray."""

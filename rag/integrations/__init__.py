"""Other frameworks: LlamaIndex and Ray."""

"""From passages to a cited answer: extractive or generated, with every claim verified."""

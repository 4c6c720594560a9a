"""Inputs that once broke a promise, tried with the real program: `python -m tests.cases FOLDER`."""

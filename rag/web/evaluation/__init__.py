"""The Evaluation tab: run, report and layout."""

"""The Ask tab: conversations, answers, citation cards and the article view."""

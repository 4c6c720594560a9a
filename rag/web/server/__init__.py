"""The HTTP server around the page: authentication, rate limits, health, and the APIs for programs."""

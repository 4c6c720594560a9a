"""The HTTP server around the page: authentication, limits, health, and the APIs for programs."""

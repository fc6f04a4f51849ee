"""Processes of this library's own beside the one that starts them: which Python, the pipes, how they fail."""

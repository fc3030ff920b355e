"""The lifecycle node, its diagnostics and its watchdog."""

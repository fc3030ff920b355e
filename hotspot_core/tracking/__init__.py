"""From image to image: maps averaged over time, points that keep their identity, a choice that holds."""

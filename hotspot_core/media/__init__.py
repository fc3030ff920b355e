"""Images and recordings: the one place that opens and writes them."""

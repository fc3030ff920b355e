"""Clips and annotated images to learn from and to evaluate on: readers, datasets, ground-truth heatmaps."""

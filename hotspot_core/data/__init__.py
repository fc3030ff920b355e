"""Clips and stills to learn from and to evaluate on: readers, datasets, ground-truth heatmaps."""

"""Saliency systems with the weights that their authors published, in the files in which they published them."""

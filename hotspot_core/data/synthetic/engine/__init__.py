"""Frames, camera, materials and the canvas that everything is painted on; knows nothing of objects."""

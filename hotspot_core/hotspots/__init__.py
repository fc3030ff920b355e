"""From features to places: Eq. 4 and its kernels, Grad-CAM, peaks, regions, pictures."""

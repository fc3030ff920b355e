"""From pixels to metres: depth, camera model, transforms."""

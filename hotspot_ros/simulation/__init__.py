"""The closed loop: a simulated camera, the node over DDS, and somebody else's controllers that act on its points."""

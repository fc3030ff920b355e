"""LeRobot's data sets as they lie on a disk, versions 2.1 and 3.0: read, and written with new features."""

"""What the command `benchmark` measures, and against what."""

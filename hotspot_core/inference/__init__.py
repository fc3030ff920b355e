"""Running a trained model fast: folded layers, precisions, one network for all actions."""

"""How good heatmaps are: metrics, the evaluation protocol, and the baselines that need no training."""

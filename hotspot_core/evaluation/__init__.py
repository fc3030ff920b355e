"""How good heatmaps are: metrics, the evaluation protocol, the compared methods, and the report."""

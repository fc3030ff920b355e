"""Studies that train and evaluate: above training, baselines and evaluation."""

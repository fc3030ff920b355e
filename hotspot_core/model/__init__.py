"""What is learned: backbone, anticipation, classifier, and the whole model."""

"""One module for each released data set."""

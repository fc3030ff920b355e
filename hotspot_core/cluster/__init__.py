"""The job of `hotspot_core.inference.prediction_run` on a Ray cluster: sources -> blocks of frames -> results -> one
folder. Only `pipeline` and `connection` know Ray."""

"""Training with Lightning: what is learned, from which data, and what is watched meanwhile."""

# Before Lightning, whose metrics import torchvision.
import hotspot_core.model.torchvision_import  # noqa: F401

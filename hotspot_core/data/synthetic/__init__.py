"""A procedural world of household objects, drawn, not rendered: clips of interaction and images with ground truth.

`make_clip` and `make_image` draw single items from a random generator, for training without files;
`python -m hotspot_core.data.synthetic OUTPUT` writes whole data sets.
"""

from hotspot_core.data.synthetic.assets.classes import CLASSES, NOVEL
from hotspot_core.data.synthetic.assets.parts import ACTIONS
from hotspot_core.data.synthetic.clip import AnnotatedImage, SyntheticClip, make_clip, make_image, seen_classes

__all__ = ["ACTIONS", "CLASSES", "NOVEL", "AnnotatedImage", "SyntheticClip", "make_clip", "make_image", "seen_classes"]

"""A procedural world of household objects, drawn, not rendered: clips of interaction and stills with ground truth.

`make_clip` and `make_still` draw single items from a random generator, for training without files;
`python -m hotspot_core.data.synthetic OUTPUT` writes whole data sets.
"""

from hotspot_core.data.synthetic.classes import CLASSES, NOVEL
from hotspot_core.data.synthetic.clip import Clip, Still, make_clip, make_still, seen_classes
from hotspot_core.data.synthetic.parts import ACTIONS

__all__ = ["ACTIONS", "CLASSES", "NOVEL", "Clip", "Still", "make_clip", "make_still", "seen_classes"]

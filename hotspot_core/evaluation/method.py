"""The interface of everything that is compared: an image and names of actions in, one map per action out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError

Image = NDArray[np.uint8]
Maps = NDArray[np.float32]
# What a method learned from: nothing, action labels, maps of any action (or of gaze), maps of each action; or unknown.
Supervision = Literal["none", "action labels", "saliency maps", "action maps", "external"]


class Method(ABC):
    """A method under comparison.

    Attributes:
        name: of its row.
        supervision: what it learned from.
        needs_images: False where it does not look at the image; it then gets a black one.
        actions: the actions that it knows; None for any.
        provenance: what a report says of it, such as checkpoint and hash.
    """

    name: str
    supervision: Supervision = "none"
    needs_images: bool = True
    actions: tuple[str, ...] | None = None
    provenance: str = ""

    @abstractmethod
    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        """(A, h, w) float32 maps >= 0 that cover exactly the image.

        Args:
            image: (H, W, 3) uint8 RGB.
            actions: names of A actions.
            entry: which annotated still it is, for methods that find something by its path or object.
        """

    def predicts(self, entry: Annotation) -> bool:
        """Whether the method has a map for an entry; predictions made elsewhere may lack some."""
        return True

    def check_actions(self, annotations: AnnotationSet) -> None:
        """Makes sure that the method knows all actions that occur.

        Raises:
            InputError: it does not; the text names those that it does not, and the number of their entries.
        """
        if self.actions is None:
            return
        unknown = [entry.action for entry in annotations.entries if entry.action not in self.actions]
        if unknown:
            shared = [action for action in annotations.actions if action in self.actions]
            remedy = f"choose others with --actions {','.join(shared)}" if shared else "name another checkpoint"
            raise InputError(
                f"{self.name} cannot predict {len(unknown)} of {len(annotations)} entries of {annotations.path}: it "
                f"does not know {', '.join(dict.fromkeys(unknown))}; {remedy}"
            )

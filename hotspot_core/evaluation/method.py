"""The interface of everything that is compared: an image and names of actions in, one map per action out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.errors import InputError

Image = NDArray[np.uint8]
Maps = NDArray[np.float32]
# What a method learned from: nothing, action labels, maps of any action (or of gaze), maps of each action; or unknown.
Supervision = Literal["none", "action labels", "saliency maps", "action maps", "external"]


class Point(NamedTuple):
    """A place that a method points to: x, y in pixels of the image, a value in [0, 1] relative to the strongest of its
    action, and how probable it is that the action can be done there, None where the method does not say."""

    x: float
    y: float
    value: float
    probability: float | None = None


@dataclass(frozen=True)
class MethodOutput:
    """What a method says of an image and A actions.

    Attributes:
        maps: (A, h, w) float32 >= 0 that cover exactly the image.
        points: for each action the points that the method publishes, strongest first; None for a method that has only
            maps, in whose peaks they are then sought.
        scores: (A,) in [0, 1], how sure the method is that the image affords each action; None where it does not say.
    """

    maps: Maps
    points: Sequence[Sequence[Point]] | None = None
    scores: NDArray[np.floating] | None = None


class Method(ABC):
    """A method under comparison.

    Attributes:
        name: of its row.
        supervision: what it learned from.
        needs_images: False where it does not look at the image; it then gets a black one.
        actions: the actions that it knows; None for any.
        provenance: what a report says of it, such as checkpoint and hash.
        setting: what a table says of it beside what it learned from, such as the data and the resolution.
    """

    name: str
    supervision: Supervision = "none"
    needs_images: bool = True
    actions: tuple[str, ...] | None = None
    provenance: str = ""
    setting: str = ""

    @abstractmethod
    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        """(A, h, w) float32 maps >= 0 that cover exactly the image.

        Args:
            image: (H, W, 3) uint8 RGB.
            actions: names of A actions.
            entry: which annotated image it is, for methods that look something up by its path or object.
        """

    def predict(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> MethodOutput:
        """The maps and, where the method publishes them, points and scores."""
        return MethodOutput(self(image, actions, entry))

    def predicts(self, entry: Annotation) -> bool:
        """Whether the method has a map for an entry; predictions made elsewhere may lack some."""
        return True

    def knows(self, action: str) -> bool:
        """Whether the method can be asked for an action."""
        return self.actions is None or action in self.actions

    def check_actions(self, annotations: AnnotationSet) -> None:
        """Makes sure that the method knows all actions that occur.

        Raises:
            InputError: it does not; the text names those that it does not, and the number of their entries.
        """
        unknown = [entry.action for entry in annotations.entries if not self.knows(entry.action)]
        if unknown:
            shared = [action for action in annotations.actions if self.knows(action)]
            remedy = f"choose others with --actions {','.join(shared)}" if shared else "name another checkpoint"
            raise InputError(
                f"{self.name} cannot predict {len(unknown)} of {len(annotations)} entries of {annotations.path}: it "
                f"does not know {', '.join(dict.fromkeys(unknown))}; {remedy}"
            )

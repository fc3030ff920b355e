"""Actions that data sets and models call by different names: a method is asked by the name that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hotspot_core.data.annotations import Annotation, AnnotationSet
from hotspot_core.evaluation.method import Image, Maps, Method, MethodOutput

# Each line is one action. A method's own name goes before a synonym.
GROUPS = (
    ("pick up", "lift", "take"),
    ("put down", "put", "place"),
    ("hold", "grasp", "grip"),
    ("drink with", "sip", "drink"),
    ("cut with", "cut"),
    ("turn", "rotate", "twist"),
    ("push", "shove"),
    ("press", "tap"),
    ("talk on", "talk"),
    ("type on", "type"),
    ("sit on", "sit"),
    ("lie on", "lie"),
    ("look out", "look"),
    ("wash", "clean"),
    ("hit", "beat", "pound"),
)


def spoken(name: str) -> str:
    """A name in lower case, with spaces for underscores and hyphens."""
    return " ".join(name.lower().replace("_", " ").replace("-", " ").split())


def known_names(asked: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """Name that a method does not know -> the one that it knows for the same action; left out where there is none, or
    where there are two."""
    by_spoken: dict[str, str] = {spoken(name): name for name in known}
    result = {}
    for name in asked:
        if name in known:
            continue
        group = next((group for group in GROUPS if spoken(name) in group), ())
        candidates = [spoken(name)] if spoken(name) in by_spoken else group
        found = [by_spoken[candidate] for candidate in candidates if candidate in by_spoken]
        if len(found) == 1:
            result[name] = found[0]
    return result


class Translated(Method):
    """A method that is also asked by other names for the actions that it knows.

    Args:
        method: it.
        names: asked -> known.
    """

    def __init__(self, method: Method, names: Mapping[str, str]) -> None:
        self.method = method
        self.names = names
        self.name, self.supervision, self.needs_images = method.name, method.supervision, method.needs_images
        self.provenance = method.provenance
        told = ", ".join(f"{asked} asked as {known}" for asked, known in names.items())
        self.setting = "; ".join(filter(None, [method.setting, told]))
        self.actions = (*(method.actions or ()), *names)

    def __call__(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> Maps:
        return self.predict(image, actions, entry).maps

    def predict(self, image: Image, actions: Sequence[str], entry: Annotation | None = None) -> MethodOutput:
        asked = [self.names.get(action, action) for action in actions]
        # Two names of one action are one question.
        once = list(dict.fromkeys(asked))
        output = self.method.predict(image, once, entry)
        order = [once.index(action) for action in asked]
        points = None if output.points is None else [output.points[index] for index in order]
        return MethodOutput(output.maps[order], points, None if output.scores is None else output.scores[order])

    def predicts(self, entry: Annotation) -> bool:
        return self.method.predicts(entry)


def translated(method: Method, annotations: AnnotationSet) -> Method:
    """The method, asked by the names of a set where it knows the action by another one."""
    names = known_names(annotations.actions, method.actions) if method.actions else {}
    return Translated(method, names) if names else method

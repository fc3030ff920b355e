"""One particular object: a body with its panels and parts, what they afford, and how it is painted in any state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from hotspot_core.data.synthetic.assets.panels import MOTIONS, Panel
from hotspot_core.data.synthetic.assets.parts import PartKind
from hotspot_core.data.synthetic.engine.canvas import Canvas
from hotspot_core.data.synthetic.engine.geometry import CoordinateFrame
from hotspot_core.data.synthetic.engine.materials import Look


@dataclass(frozen=True)
class Fixture:
    """One part on one object; `frame` is relative to the object, or to the front of the panel that carries it."""

    kind: PartKind
    look: Look
    frame: CoordinateFrame
    panel: int | None = None
    rest: float = 0.0


@dataclass
class State:
    """What changes while an object is used: parts and panels in [0, 1], and where the whole object is."""

    parts: list[float]
    panels: list[float]
    frame: CoordinateFrame


class Body(Protocol):
    """The shape that carries the parts; its frame's origin is the middle of its foot."""

    def draw(self, canvas: Canvas, frame: CoordinateFrame) -> None:
        """Paint the body."""

    def extent(self) -> tuple[float, float, float]:
        """Width, height and depth in meters."""


@dataclass(frozen=True)
class ObjectInstance:
    """One particular object. Parts are numbered by their place in `fixtures`, from 0."""

    name: str
    body: Body
    stands: str
    fixtures: tuple[Fixture, ...]
    panels: tuple[Panel, ...] = ()

    def at_rest(self, frame: CoordinateFrame) -> State:
        """The state in which nobody has touched the object, which stands at `frame`."""
        return State([f.rest for f in self.fixtures], [p.rest for p in self.panels], frame)

    def affordances(self, index: int) -> dict[str, str]:
        """The actions that part `index` affords as the object stands, and what each changes."""
        fixture = self.fixtures[index]
        effects = dict(fixture.kind.effects)
        if fixture.kind.moves_panel and fixture.panel is not None:
            effects |= dict.fromkeys(MOTIONS[self.panels[fixture.panel].motion].actions, "panel")
        shut = (self.panels[fixture.panel].rest if fixture.panel is not None else fixture.rest) < 0.1
        absent = {"close"} if shut else set(effects) - {"close", "hold", "press"}
        return {action: effect for action, effect in effects.items() if action not in absent}

    def part_frame(self, index: int, state: State) -> CoordinateFrame:
        """The world frame of part `index`."""
        fixture = self.fixtures[index]
        if fixture.panel is None:
            return fixture.frame.within(state.frame)
        board = self.panels[fixture.panel].moved(state.panels[fixture.panel])
        return fixture.frame.within(board.within(state.frame))

    def draw(
        self,
        canvas: Canvas,
        state: State,
        first_tag: int = 1,
        without_panel: int | None = None,
        without_part: int | None = None,
    ) -> None:
        """Paint everything but what is named in `without_*`; part k leaves the tag `first_tag` + k."""
        loose = [k for k, f in enumerate(self.fixtures) if f.panel is None and k != without_part]
        far = [k for k in loose if self._behind(k, canvas, state)]
        for k in far:
            self.draw_part(canvas, state, k, first_tag)
        canvas.tag = 0
        self.body.draw(canvas, state.frame)
        for k in sorted(range(len(self.panels)), key=lambda k: state.panels[k] > 0):
            if k != without_panel:
                self.draw_panel(canvas, state, k, first_tag)
        near = [k for k in loose if k not in far]
        for k in sorted(near, key=lambda k: self.fixtures[k].kind.name not in ("body", "waist")):
            self.draw_part(canvas, state, k, first_tag)
        canvas.tag = 0

    def draw_panel(self, canvas: Canvas, state: State, index: int, first_tag: int = 1) -> None:
        """Paint one panel with its parts."""
        canvas.tag = 0
        panel, t = self.panels[index], state.panels[index]
        own = [k for k, f in enumerate(self.fixtures) if f.panel == index]
        hidden = panel.hides_fixtures(canvas, state.frame, t)
        for step in ("parts", "board") if hidden else ("board", "parts"):
            if step == "board":
                panel.draw(canvas, state.frame, t)
            else:
                for k in own:
                    self.draw_part(canvas, state, k, first_tag)

    def draw_part(self, canvas: Canvas, state: State, index: int, first_tag: int = 1) -> None:
        """Paint one part."""
        fixture = self.fixtures[index]
        canvas.tag = first_tag + index
        fixture.kind.draw(canvas, self.part_frame(index, state), fixture.look, state.parts[index])
        canvas.tag = 0

    def _behind(self, index: int, canvas: Canvas, state: State) -> bool:
        fixture = self.fixtures[index]
        sideways = abs(fixture.frame.axes[2][0]) > 0.7 * fixture.frame.scale
        return sideways and not canvas.camera.sees_front(self.part_frame(index, state))

"""What an action changes while it goes on: a part, its panel, or where the whole object is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hotspot_core.data.synthetic.assets.objects import State
from hotspot_core.data.synthetic.scene.scene import Scene

Change = Callable[[Scene, State, int, float], State]


def _with(values: list[float], index: int, value: float) -> list[float]:
    return [*values[:index], value, *values[index + 1 :]]


def _own(scene: Scene, state: State, part: int, t: float) -> State:
    rest = state.parts[part]
    return replace(state, parts=_with(state.parts, part, rest + (1 - rest) * t if rest < 0.1 else rest * (1 - t)))


def _panel(scene: Scene, state: State, part: int, t: float) -> State:
    """The panel follows; a lever, knob or ring on it turns or swings out first."""
    fixture = scene.main.instance.fixtures[part]
    assert fixture.panel is not None
    rest = state.panels[fixture.panel]
    turns = "own" in fixture.kind.effects.values() and rest < 0.1
    moved = max(t - 0.25, 0) / 0.75 if turns else t
    parts = _with(state.parts, part, min(3 * t, 1.0)) if turns else state.parts
    value = rest + (1 - rest) * moved if rest < 0.1 else rest * (1 - moved)
    return replace(state, parts=parts, panels=_with(state.panels, fixture.panel, value))


def _size(scene: Scene) -> float:
    return max(scene.main.instance.body.extent())


def _lift(scene: Scene, state: State, part: int, t: float) -> State:
    return replace(state, frame=state.frame.moved((0, 0.5 * _size(scene) * t, 0)))


def _tilt(scene: Scene, state: State, part: int, t: float) -> State:
    """Lifted a little and tipped away from the hand's side."""
    side = scene.main.instance.fixtures[part].frame.origin[0]
    angle = 1.0 * t * (1 if side >= 0 else -1)
    lifted = state.frame.moved((0, 0.3 * _size(scene) * min(2 * t, 1.0), 0))
    return replace(state, frame=lifted.turned("n", angle, (0, _size(scene) * 0.5, 0)))


def _shove(scene: Scene, state: State, part: int, t: float) -> State:
    return replace(state, frame=state.frame.moved((0, 0, -0.5 * _size(scene) * t)))


def _keep(scene: Scene, state: State, part: int, t: float) -> State:
    return state


EFFECTS: dict[str, Change] = {
    "own": _own, "panel": _panel, "lift": _lift, "tilt": _tilt, "shove": _shove, "keep": _keep,
}  # fmt: skip
WHOLE = ("lift", "tilt", "shove")

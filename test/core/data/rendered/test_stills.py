"""Rendered stills: the ground truth belongs to the picture, and the seed alone decides what is in it."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_core.data.rendered.annotation import MIN_PIXELS
from hotspot_core.data.rendered.catalog import Catalog, world_bounds
from hotspot_core.data.rendered.materials import Materials
from hotspot_core.data.rendered.model import compile_world
from hotspot_core.data.rendered.poses import pose_of
from hotspot_core.data.rendered.registry import classes
from hotspot_core.data.rendered.renderer import CameraView, Renderer, new_spec
from hotspot_core.data.rendered.scene import SCENES
from hotspot_core.data.rendered.shapes import box
from hotspot_core.data.rendered.still import RenderedStill, Setting, render_still
from hotspot_core.data.rendered.world import ACTIONS, World

SETTING = Setting(160, 120)


def _world(seed: int) -> World:
    return World(np.random.default_rng(seed), Materials())


@pytest.fixture(scope="module")
def stills(renderer: Renderer) -> list[RenderedStill]:
    return [render_still(np.random.default_rng(seed), renderer, SETTING) for seed in range(24)]


def test_points_lie_in_masks(stills: list[RenderedStill]) -> None:
    """Every point of an action lies on a pixel of a part that affords it, and no such part is left out."""
    checked = 0
    for still in stills:
        by_id = {item.part.id: item.part for item in still.annotated.parts}
        for action, points in still.annotated.points.items():
            ids = still.ids[points[:, 1].astype(int), points[:, 0].astype(int)]
            assert all(action in by_id[int(number)].actions for number in ids)
            assert {number for number, part in by_id.items() if action in part.actions} == set(ids.tolist())
            checked += len(points)
    assert checked > 100


def test_visible_parts_are_annotated_or_unclear(stills: list[RenderedStill]) -> None:
    """What is not annotated is either absent from the picture or listed as unclear, so that the rest are negatives."""
    for still in stills:
        annotated = {item.part.id for item in still.annotated.parts}
        for number in set(np.unique(still.ids).tolist()) - {0}:
            assert (number in annotated) == (int((still.ids == number).sum()) >= MIN_PIXELS)
        assert not set(still.annotated.points) & set(still.annotated.unclear)


def test_depth_and_mask_of_a_known_box(renderer: Renderer) -> None:
    """A box at a known place has the depth, mask and position that the pinhole model predicts, to a millimetre."""
    world = _world(0)
    part = world.root.part("box", "front", ("press",))
    world.root.add(box(0.4, 0.2, 0.3).at(0.1, 0.1, 0), world.material("paint"), part)
    renderer.load(compile_world(world, new_spec(160, 120)))
    turn = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    view = CameraView(pose_of((0, -2, 0), turn), np.radians(40), 160, 120)
    ids, depth = renderer.truth(view)
    assert np.abs(depth[ids == 1] - 2).max() < 1e-3
    assert set(np.unique(depth[ids == 0])) == {0.0}
    rows, columns = np.nonzero(ids)
    pixel = 2 / view.focal
    assert len(rows) == pytest.approx(0.4 * 0.3 / pixel**2, rel=0.05)
    low, high = view.points(depth, rows, columns).min(0), view.points(depth, rows, columns).max(0)
    assert np.allclose(low, [-0.1, 0, -0.15], atol=pixel)
    assert np.allclose(high, [0.3, 0, 0.15], atol=pixel)


def test_positions_agree_with_depth(stills: list[RenderedStill]) -> None:
    """A part's position is the mean of its pixels, each put at its depth along its ray."""
    for still in stills:
        for item in still.annotated.parts:
            rows, columns = np.nonzero(still.ids == item.part.id)
            z = still.depth[rows, columns]
            x = ((columns + 0.5 - 80) / still.view.focal * z).mean()
            y = ((rows + 0.5 - 60) / still.view.focal * z).mean()
            assert np.allclose(item.center, (x, y, z.mean()), atol=1e-3)


def test_same_seed_same_still(renderer: Renderer, stills: list[RenderedStill]) -> None:
    """A seed gives the same picture, masks and points again, whatever was rendered in between; another seed another."""
    again = render_still(np.random.default_rng(3), renderer, SETTING)
    assert np.array_equal(again.image, stills[3].image)
    assert np.array_equal(again.ids, stills[3].ids)
    assert again.annotated.points.keys() == stills[3].annotated.points.keys()
    assert all(np.array_equal(p, stills[3].annotated.points[a]) for a, p in again.annotated.points.items())
    assert not np.array_equal(again.image, stills[4].image)


@pytest.mark.parametrize("name", sorted(SCENES))
def test_scenes(name: str) -> None:
    """Every kind of scene composes for many seeds, with what to look at; the empty ones alone have no parts."""
    for seed in range(5):
        world = _world(seed)
        focuses = SCENES[name][0](world, Catalog())
        assert all(np.isfinite(focus.center).all() and focus.size > 0 for focus in focuses)
        if name == "empty":
            assert not world.parts
            assert focuses


@pytest.mark.parametrize("name", sorted(classes()))
def test_object_classes(name: str) -> None:
    """Every class builds, compiles, has a size of this world, known actions, and parts only if it affords something."""
    parts = 0
    for seed in range(4):
        world = _world(seed)
        node = world.root.child()
        classes()[name].build(node)
        low, high = world_bounds(node)
        assert 0.005 < (high - low).max() < 3.5
        parts += len(world.parts)
        boxes = world.part_boxes()
        for part in world.parts:
            assert part.id in boxes
            assert part.actions
            assert set(part.actions) | set(part.unclear) <= set(ACTIONS)
            assert not set(part.actions) & set(part.unclear)
            assert set(part.motions) <= set(part.actions)
        assert compile_world(world, new_spec(64, 64)).ngeom > 0
    if not classes()[name].affords:
        assert parts == 0


def test_excluded_classes_do_not_come() -> None:
    """Classes that are held out are in no scene."""
    excluded = ("cabinet", "bottle", "door")
    for seed in range(12):
        world = _world(seed)
        name = list(SCENES)[seed % len(SCENES)]
        SCENES[name][0](world, Catalog(excluded=excluded))
        assert not {part.object for part in world.parts} & set(excluded)

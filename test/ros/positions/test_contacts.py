"""Contact frames on parts of known geometry."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("mujoco", reason="MuJoCo is not installed: pip install 'hotspot_ros[render]'")

from contact_scenes import CAMERA, FOCAL, SCENES, SIDE, ContactScene, as_measured, pixel_of

from hotspot_ros.positions.anchors import anchors
from hotspot_ros.positions.contacts import Contacts, contacts
from hotspot_ros.positions.depth import DepthImage
from hotspot_ros.positions.place_uncertainty import place_covariances

RADIUS = 7.5
SAMPLES = 7


class Errors(NamedTuple):
    """Of one contact: degrees, degrees or NaN, and metres over the larger of 15 % and 5 mm, or NaN."""

    normal: float
    axis: float
    width: float


def angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Degrees between axes."""
    return float(np.degrees(np.arccos(np.clip(abs(one @ other), 0, 1))))


def find(depth: DepthImage, pixel: NDArray[np.float64]) -> Contacts:
    return contacts(depth, CAMERA, anchors(depth, pixel[None], RADIUS).pixels, np.ones(2))


def errors(scene: ContactScene, depth: DepthImage, pixel: NDArray[np.float64]) -> Errors | None:
    contact = find(depth, pixel)
    if not contact.found[0]:
        return None
    axes, width = contact.axes[0], contact.widths[0]
    np.testing.assert_allclose(axes.T @ axes, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) == pytest.approx(1)
    assert axes[:, 0] @ contact.positions[0] > 0, "the approach axis leads away from the camera"
    return Errors(
        angle(axes[:, 0], scene.normal_at(pixel)),
        np.nan if scene.axis is None else angle(axes[:, 2], scene.axis),
        np.nan if scene.width > 1 else abs(width - scene.width) / max(0.15 * scene.width, 0.005),
    )


@pytest.mark.parametrize("measured", [False, True], ids=["exact", "noise"])
@pytest.mark.parametrize("kind", SCENES)
def test_parts_of_known_geometry(kind: str, measured: bool) -> None:
    """1. Cast parts before walls and on tables, slanted and turned at will. 2. Of exact depth, and of depth in
    millimetres with noise, all have a contact frame. 3. The median of the normals is within 5 degrees, of the long axes
    within 10, of the widths within 15 % or 5 mm."""
    rng = np.random.default_rng(list(SCENES).index(kind))
    found = []
    for _ in range(SAMPLES):
        scene = SCENES[kind](rng)
        metres = as_measured(rng, scene.depth, stereo=False) if measured else scene.depth.astype(np.float32)
        found.append(errors(scene, DepthImage(metres, 0.001 if measured else 1.0), pixel_of(rng, scene)))
    kept = np.array([each for each in found if each is not None])
    assert len(kept) == SAMPLES
    normal, axis, width = (np.median(kept[:, column]) for column in range(3))
    assert normal < 5
    assert kind in ("knob", "door") or axis < 10
    assert kind == "door" or width < 1


def test_holes_and_mixed_pixels() -> None:
    """The same of all kinds together, with what a stereo camera makes of edges."""
    rng = np.random.default_rng(9)
    found = []
    for make in (*SCENES.values(), *SCENES.values()):
        scene = make(rng)
        found.append(errors(scene, DepthImage(as_measured(rng, scene.depth), 0.001), pixel_of(rng, scene)))
    kept = np.array([each for each in found if each is not None])
    assert len(kept) >= len(found) - 2
    normal, axis, width = np.nanmedian(kept, axis=0)
    assert (normal < 5, axis < 10, width < 1) == (True, True, True)


def test_a_wall_has_no_width() -> None:
    """Infinite, so that no gripper is told to close around it; the contact stays where the point is."""
    rng = np.random.default_rng(3)
    scene = SCENES["door"](rng)
    pixel = np.array([170.0, 190.0])
    contact = find(DepthImage(scene.depth.astype(np.float32), 1.0), pixel)
    assert contact.found[0]
    assert contact.widths[0] == np.inf
    seen = contact.positions[0, :2] / contact.positions[0, 2] * FOCAL + (SIDE - 1) / 2
    assert np.abs(seen - pixel).max() <= 3


def test_the_contact_is_in_the_middle_between_the_sides() -> None:
    """A point near one side of a plate, and one near the other: both contacts lie on the plate's middle line."""
    rng = np.random.default_rng(5)
    scene = SCENES["plate"](rng)
    assert scene.axis is not None
    rows, columns = np.nonzero(scene.part)
    across = np.cross(scene.axis, scene.normal)
    rays = np.column_stack([(columns - (SIDE - 1) / 2) / FOCAL, (rows - (SIDE - 1) / 2) / FOCAL, np.ones(len(rows))])
    away, along = ((rays * scene.depth[rows, columns, None] - scene.center) @ axis for axis in (across, scene.axis))
    depth = DepthImage(scene.depth.astype(np.float32), 1.0)
    for side in (-1, 1):
        index = np.hypot(away - side * 0.3 * scene.width, along).argmin()
        contact = find(depth, np.array([columns[index], rows[index]], np.float64))
        assert abs((contact.positions[0] - scene.center) @ across) < 0.004
        assert abs((contact.positions[0] - scene.center) @ scene.normal) < 0.002


@pytest.mark.parametrize("what", ["no depth", "scattered", "nearly along the surface"])
def test_no_frame_rather_than_a_guess(what: str) -> None:
    """No depth, depth that is noise alone, and a wall that is seen at a grazing angle."""
    rng = np.random.default_rng(0)
    rows = np.arange(SIDE)[:, None] - (SIDE - 1) / 2
    depth = {
        "no depth": np.zeros((SIDE, SIDE)),
        "scattered": rng.uniform(0.5, 1.5, (SIDE, SIDE)),
        "nearly along the surface": np.broadcast_to(1 / np.maximum(1 + 0.06 * rows, 0.02), (SIDE, SIDE)),
    }[what]
    contact = find(DepthImage(depth.astype(np.float32), 1.0), np.array([180.0, 180.0]))
    assert not contact.found[0]
    assert np.isnan(contact.positions).all()
    assert np.isnan(contact.widths).all()


def test_many_points_are_as_each_alone() -> None:
    """Points do not touch each other, whether they have depth or not."""
    rng = np.random.default_rng(4)
    scene = SCENES["box"](rng)
    depth = DepthImage(as_measured(rng, scene.depth), 0.001)
    pixels = np.array([pixel_of(rng, scene), [30, 40], [np.nan, 3], [-50, 2], pixel_of(rng, scene)])
    meant = anchors(depth, pixels, RADIUS).pixels
    together = contacts(depth, CAMERA, meant, np.ones(2))
    assert together.found.tolist() == [True, True, False, False, True]
    for index in range(len(pixels)):
        alone = contacts(depth, CAMERA, meant[index : index + 1], np.ones(2))
        np.testing.assert_allclose(together.positions[index], alone.positions[0], atol=1e-5)
        np.testing.assert_allclose(together.axes[index], alone.axes[0], atol=1e-3)


def test_the_depth_image_may_be_smaller_than_the_image() -> None:
    """Half the resolution, with the calibration of the whole: the same frame to what half the pixels allow."""
    rng = np.random.default_rng(7)
    scene = SCENES["box"](rng)
    pixel = pixel_of(rng, scene)
    whole = find(DepthImage(scene.depth.astype(np.float32), 1.0), pixel)
    half = DepthImage(scene.depth[::2, ::2].astype(np.float32), 1.0)
    found = contacts(half, CAMERA, np.rint(pixel[None] / 2), np.full(2, 0.5))
    assert angle(whole.axes[0, :, 0], found.axes[0, :, 0]) < 2
    assert angle(whole.axes[0, :, 2], found.axes[0, :, 2]) < 5
    assert found.widths[0] == pytest.approx(whole.widths[0], abs=0.005)


def test_how_sure_a_place_is() -> None:
    """Of a peak that is 10 pixels wide: on a bar the contact lies within the bar's width, and along it as far as the
    peak; towards the camera no farther than the noise. Without a contact frame the peak's width counts."""
    rng = np.random.default_rng(6)
    scene = SCENES["bar"](rng)
    assert scene.axis is not None
    pixel = pixel_of(rng, scene)
    contact = find(DepthImage(scene.depth.astype(np.float32), 1.0), pixel)
    depth = np.array([scene.depth[int(pixel[1]), int(pixel[0])]])
    spread = 100 * np.eye(2)[None]
    covariance = place_covariances(CAMERA, pixel[None], depth, contact, spread)[0]
    approach, closing, along = (float(np.sqrt(axis @ covariance @ axis)) for axis in contact.axes[0].T)
    peak = 10 * depth[0] / FOCAL
    assert approach < 0.001
    assert closing == pytest.approx(contact.widths[0] / np.sqrt(12), rel=0.01)
    assert 0.9 * min(peak, contact.lengths[0] / np.sqrt(12)) < along < 2 * peak
    nothing = contacts(DepthImage(np.zeros((SIDE, SIDE), np.uint16), 0.001), CAMERA, pixel[None], np.ones(2))
    plain = np.sqrt(np.diag(place_covariances(CAMERA, pixel[None], depth, nothing, spread)[0]))
    np.testing.assert_allclose(plain[:2], peak, rtol=0.01)

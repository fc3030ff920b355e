"""From depth images to positions: messages, surfaces, and a rendered scene whose geometry is known."""

from __future__ import annotations

import struct
from typing import Any

import cv2
import numpy as np
import pytest
from depth_scene import MATRIX, Lens, render
from sensor_msgs.msg import CompressedImage, Image

from hotspot_core.errors import InputError
from hotspot_ros.msg import InteractionPoint
from hotspot_ros.positions.camera_model import camera_model
from hotspot_ros.positions.depth import (
    DepthImage,
    decode_compressed_depth,
    decode_depth,
    positions,
    set_positions,
    surface_depths,
)

ROI = (120, 60, 400, 360)
LENSES = {
    "plain": Lens(),
    "plumb_bob": Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012]),
    "rational_polynomial": Lens("rational_polynomial", [0.3, -0.1, 0.0008, -0.0006, 0.02, 0.5, -0.1, 0.01]),
    "equidistant": Lens("equidistant", [-0.02, 0.006, -0.003, 0.0005]),
    "equidistant, all zeros": Lens("equidistant", [0.0] * 4),
    "rectified": Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012], rectified=True),
    "binned": Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012], binning=2),
    "ROI": Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012], roi=ROI),
    "ROI, binned": Lens("rational_polynomial", [0.3, -0.1, 0.001, -0.001, 0.02, 0.5, -0.1, 0.01], binning=2, roi=ROI),
    "rectified, ROI, binned": Lens(rectified=True, binning=2, roi=ROI),
}


def message_of(metres: np.ndarray, encoding: str, big_endian: bool = False, padding: int = 0) -> Image:
    values = np.rint(metres * 1000) if encoding != "32FC1" else metres
    dtype = np.dtype("f4" if encoding == "32FC1" else "u2").newbyteorder(">" if big_endian else "<")
    rows = values.astype(dtype).view(np.uint8).reshape(len(metres), -1)
    rows = np.pad(rows, ((0, 0), (0, padding)), constant_values=77)
    message = Image(encoding=encoding, height=metres.shape[0], width=metres.shape[1], is_bigendian=int(big_endian))
    message.step = rows.shape[1]
    message.data.frombytes(rows.tobytes())
    return message


@pytest.mark.parametrize("lens", LENSES.values(), ids=LENSES.keys())
def test_a_rendered_scene_is_recovered_to_1_percent(lens: Lens) -> None:
    """1. Render a wall and a box through a lens. 2. Take points of the scene, on both and close to their
    borders. 3. Each comes back from the depth image and CameraInfo within 1 % of its range."""
    rays = lens.rays()
    depth, is_box = render(rays)
    height, width = lens.image_hw()
    rng = np.random.default_rng(1)
    pixels = rng.uniform((2, 2), (width - 3, height - 3), (2000, 2))
    columns, rows = np.rint(pixels).astype(int).T
    truth = depth[rows, columns, None] * rays[rows, columns]
    edge = cv2.morphologyEx(is_box.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((5, 5), np.uint8))[rows, columns]
    assert is_box[rows, columns].sum() > 20
    assert (edge > 0).sum() > 10
    camera = camera_model(lens.info(), (height, width), lens.rectified)
    assert camera is not None
    for encoding in ("16UC1", "32FC1"):
        found = positions(decode_depth(message_of(depth, encoding)), camera, lens.project(truth), (height, width))
        error = np.linalg.norm(found - truth, axis=1) / np.linalg.norm(truth, axis=1)
        assert error.max() < 0.01


@pytest.mark.parametrize("padding", [0, 1, 6])
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("encoding", ["16UC1", "mono16", "32FC1"])
def test_depth_messages(encoding: str, big_endian: bool, padding: int) -> None:
    """Metres come out of either unit and byte order, whatever the padding; 0, NaN, infinity, negatives are NaN."""
    metres = np.array([[0.5, 1.25, 0.0], [2.0, 3.75, 4.0]])
    if encoding == "32FC1":
        metres = np.array([[0.5, 1.25, np.nan], [np.inf, -1.0, 4.0]])
    depth = decode_depth(message_of(metres, encoding, big_endian, padding))
    rows, columns = np.indices((4, 4)) - 1
    expected = np.full((4, 4), np.nan)
    expected[1:3, 1:] = np.where(np.isfinite(metres) & (metres > 0), metres, np.nan)
    np.testing.assert_allclose(depth.metres(rows, columns), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"encoding": "rgb8"}, "depth encoding 'rgb8' is not supported"),
        ({"encoding": "32FC1"}, "step 6 is too small"),
        ({"step": 5}, "step 5 is too small"),
        ({"height": 3}, "data has 12 bytes"),
        ({"width": 0}, "empty"),
    ],
)
def test_malformed_depth_is_named(change: dict[str, Any], reason: str) -> None:
    """Each kind of damage is refused with what is wrong."""
    message = message_of(np.ones((2, 3)), "16UC1")
    for name, value in change.items():
        setattr(message, name, value)
    with pytest.raises(InputError, match=reason):
        decode_depth(message)


def test_compressed_depth() -> None:
    """16UC1 comes back exactly, 32FC1 through its quantisation to 0.1 %; other data are refused."""
    metres = np.linspace(0.4, 6, 12 * 10).reshape(10, 12)
    metres[3, 4] = 0
    rows, columns = np.indices(metres.shape)
    png = cv2.imencode(".png", np.rint(1000 * metres).astype(np.uint16))[1].tobytes()
    header = struct.pack("<iff", 0, 0.0, 0.0)
    message = CompressedImage(format="16UC1; compressedDepth png", data=header + png)
    expected = np.where(metres > 0, np.rint(1000 * metres) / 1000, np.nan)
    np.testing.assert_allclose(decode_compressed_depth(message).metres(rows, columns), expected, rtol=1e-6)

    factor, offset = 100.0 * 101, 1 - 100.0 * 101 / 10
    with np.errstate(divide="ignore"):
        quantised = np.where(metres > 0, factor / metres + offset, 0).astype(np.uint16)
    data = struct.pack("<iff", 0, factor, offset) + cv2.imencode(".png", quantised)[1].tobytes()
    found = decode_compressed_depth(CompressedImage(format="32FC1; compressedDepth", data=data)).metres(rows, columns)
    np.testing.assert_allclose(found, np.where(metres > 0, metres, np.nan), rtol=1e-3)

    rgb = header + cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes()
    for name, broken in (
        ("16UC1; compressedDepth png", b""),
        ("16UC1; compressedDepth png", (header + png)[:-20]),
        ("16UC1; compressedDepth png", rgb),
        ("16UC1; compressedDepth rvl", header + png),
        ("rgb8; jpeg compressed bgr8", header + png),
    ):
        with pytest.raises(InputError, match="compressed depth image"):
            decode_compressed_depth(CompressedImage(format=name, data=broken))


def compressed_metres(metres: np.ndarray, wrap: bool) -> CompressedImage:
    """As the public encoder does it, on x86 (`wrap`), where the cast to 16 bits wraps around, or on ARM, where it ends
    at the largest number."""
    quantization, farthest = 100.0, 10.0
    factor = quantization * (quantization + 1)
    offset = 1 - factor / farthest
    with np.errstate(divide="ignore", invalid="ignore"):
        codes = np.trunc(np.where(metres < farthest, factor / metres + offset, 0))
    whole = np.where(np.isfinite(codes), codes, 0 if wrap else 65535)
    whole = np.mod(whole, 65536) if wrap else np.clip(whole, 0, 65535)
    png = cv2.imencode(".png", whole.astype(np.uint16))[1].tobytes()
    return CompressedImage(format="32FC1; compressedDepth png", data=struct.pack("<iff", 0, factor, offset) + png)


@pytest.mark.parametrize("wrap", [True, False], ids=["x86", "ARM"])
def test_what_is_too_near_is_no_surface_behind_the_codec(wrap: bool) -> None:
    """REP 118 says -inf for too near, inf for too far and NaN for unknown; drivers also send 0. None of them is a
    surface, which -inf became at .154 m."""
    metres = np.array([[0.4, -np.inf, np.inf, np.nan, 0.0, 2.0, 9.0]])
    found = decode_compressed_depth(compressed_metres(metres, wrap)).metres(*np.indices(metres.shape))
    assert np.isfinite(found[0]).tolist() == [True, False, False, False, False, True, True]
    np.testing.assert_allclose(found[0, [0, 5, 6]], [0.4, 2, 9], rtol=0.01)


def test_millimetres_in_32fc1_are_named() -> None:
    """As raw and as compressed depth; metres of a room, with a far plane of a simulator or without, are taken."""
    metres = np.linspace(0.4, 6, 64 * 48).reshape(48, 64)
    for wrong in (1000 * metres, np.where(metres < 2, np.nan, 1000 * metres)):
        with pytest.raises(InputError, match=r"32FC1 is in metres .* 16UC1"):
            decode_depth(message_of(wrong, "32FC1"))
    codes = np.clip(1e7 / (1000 * metres), 1, 65535).astype(np.uint16)
    data = struct.pack("<iff", 0, 1e7, 0.0) + cv2.imencode(".png", codes)[1].tobytes()
    with pytest.raises(InputError, match="32FC1 is in metres"):
        decode_compressed_depth(CompressedImage(format="32FC1; compressedDepth png", data=data))
    for right in (metres, np.where(metres > 3, 1000.0, metres), np.full((48, 64), np.nan)):
        decode_depth(message_of(right, "32FC1"))


@pytest.mark.parametrize(("factor", "offset"), [(np.nan, 0.0), (0.0, 1.0), (-5.0, 1.0), (10.0, np.inf)])
def test_a_quantisation_that_means_nothing_is_named(factor: float, offset: float) -> None:
    png = cv2.imencode(".png", np.ones((4, 4), np.uint16))[1].tobytes()
    data = struct.pack("<iff", 0, factor, offset) + png
    with pytest.raises(InputError, match="quantisation"):
        decode_compressed_depth(CompressedImage(format="32FC1; compressedDepth png", data=data))


def test_foreground_and_background_are_never_mixed() -> None:
    """A step from 1 m to 1.5 m with stray values on it: every pixel gets one of the two depths, its own where it shows
    a surface; a hole on the edge gets the nearer one."""
    image = np.full((40, 40), 1.5, np.float32)
    image[:, :20] = 1.0
    image[::2, 20] = 1.25
    image[1::2, 20] = 1.1
    image[30, 21] = np.nan
    rows, columns = np.indices(image.shape)
    pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
    found = surface_depths(DepthImage(image, 1.0), pixels).reshape(image.shape)
    np.testing.assert_array_equal(found[:, :20], 1.0)
    np.testing.assert_array_equal(np.delete(found[:, 21:], 30, axis=0), 1.5)
    np.testing.assert_array_equal(found[:, 20], 1.0)
    assert found[30, 21] == 1.0


@pytest.mark.parametrize("width", [1, 2])
def test_a_blurred_edge_is_foreground_or_background(width: int) -> None:
    """An edge from 1 m to 1.5 m that interpolation has spread over a pixel or two: every pixel gets one of the two."""
    image = np.full((40, 40), 1.5, np.float32)
    image[:, :20] = 1.0
    image[:, 20 : 20 + width] = np.linspace(1, 1.5, width + 2)[1:-1]
    rows, columns = np.indices(image.shape)
    pixels = np.column_stack([columns.ravel(), rows.ravel()]).astype(float)
    found = surface_depths(DepthImage(image, 1.0), pixels).reshape(image.shape)
    np.testing.assert_array_equal(found[:, : 20 + width], 1.0)
    np.testing.assert_array_equal(found[:, 20 + width :], 1.5)


def test_thin_things_noise_and_holes() -> None:
    """A handle one pixel wide keeps its depth; noise of 1 % is averaged; a point in a hole, or off the image, gets the
    depth beside it, or none."""
    rng = np.random.default_rng(0)
    image = 2.0 * rng.normal(1, 0.01, (60, 60))
    image[:, 30] = 1.9
    image[:, 40] = 1.5
    image[10:30, 2:22] = 0
    depth = DepthImage(np.rint(1000 * image).astype(np.uint16), 0.001)
    places = np.array([[40, 50], [12, 50], [12, 20], [3, 31], [-1, 5], [-30, 5], [np.nan, 5], [1e300, 5]])
    found = surface_depths(depth, places)
    assert found[0] == pytest.approx(1.5, rel=1e-6)
    assert found[[1, 3, 4]] == pytest.approx(2.0, rel=0.01)
    assert np.isnan(found[[2, 5, 6, 7]]).all()


def test_points_without_depth_have_no_position() -> None:
    """Invalid depth and an uncalibrated camera give no position, and never (0, 0, 0) that says it is one."""
    lens = Lens()
    camera = camera_model(lens.info(), (480, 640))
    assert camera is not None
    metres = np.full((480, 640), np.nan)
    metres[:, 320:] = 2
    pixels = np.array([[100.0, 100.0], [500.0, 100.0]])
    points = [InteractionPoint(x=x, y=y, has_position=True) for x, y in pixels]
    points[0].position.x = 9.0
    set_positions(points, positions(decode_depth(message_of(metres, "32FC1")), camera, pixels, (480, 640)))
    assert [p.has_position for p in points] == [False, True]
    assert (points[0].position.x, points[0].position.y, points[0].position.z) == (0, 0, 0)
    assert points[1].position.z == pytest.approx(2)
    assert points[1].position.x == pytest.approx(2 * (500 - MATRIX[0, 2]) / MATRIX[0, 0])
    for rectified in (False, True):
        info = lens.info()
        info.k, info.p = np.zeros(9), np.zeros(12)
        assert camera_model(info, (480, 640), rectified) is None


def test_depth_of_another_resolution() -> None:
    """Depth of half the resolution gives the same positions; of another shape it is refused."""
    lens = Lens("plumb_bob", [-0.28, 0.09, 0.0011, -0.0007, -0.012])
    depth, _ = render(lens.rays())
    camera = camera_model(lens.info(), (480, 640))
    assert camera is not None
    pixels = np.array([[100.0, 100.0], [350.5, 280.0], [600.0, 30.25]])
    whole = positions(DepthImage(depth.astype(np.float32), 1.0), camera, pixels, (480, 640))
    half = positions(DepthImage(depth[::2, ::2].astype(np.float32), 1.0), camera, pixels, (480, 640))
    np.testing.assert_allclose(half, whole, rtol=0.005)
    for shape in ((360, 640), (480, 480)):
        with pytest.raises(InputError, match="not aligned"):
            positions(DepthImage(np.ones(shape, np.float32), 1.0), camera, pixels, (480, 640))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"distortion_model": "thin_prism"}, "distortion model 'thin_prism' is not known"),
        ({"d": [0.1, 0.2]}, "does not fit plumb_bob"),
        ({"d": [float("nan")] * 5}, "does not fit plumb_bob"),
        ({"k": [-1.0, 0, 0, 0, 1, 0, 0, 0, 1]}, "is no camera matrix"),
        ({"k": [float("nan"), 0, 0, 0, 1, 0, 0, 0, 1]}, "is no camera matrix"),
        ({"k": [1.0, 1, 0, 1, 1, 0, 0, 0, 1]}, "is no camera matrix"),
        ({"width": 1280}, "camera_info is for images of 1280 x 480 pixels, the image has 640 x 480"),
    ],
)
def test_camera_info_that_means_nothing_is_named(change: dict[str, Any], reason: str) -> None:
    """Each kind of damage is refused with what is wrong."""
    info = LENSES["plumb_bob"].info()
    for name, value in change.items():
        setattr(info, name, value)
    with pytest.raises(InputError, match=reason):
        camera_model(info, (480, 640))


def test_a_pixel_beyond_the_lens_has_no_ray() -> None:
    """Where strong coefficients fold the image over, no ray leads back to the pixel, and there is none."""
    info = Lens("plumb_bob", [-0.6, 0.0, 0.0, 0.0, 0.0]).info()
    camera = camera_model(info, (480, 640))
    assert camera is not None
    rays = camera.rays(np.array([[331.5, 228.25], [0.0, 0.0], [639.0, 479.0], [-1e5, 1e5]]))
    np.testing.assert_allclose(rays[0], (0, 0, 1), atol=1e-9)
    assert np.isnan(rays[3]).all()
    assert camera.rays(np.zeros((0, 2))).shape == (0, 3)


@pytest.mark.filterwarnings("error")
def test_random_damage_gives_positions_none_or_an_error() -> None:
    """Of 2,000 random depth images with random CameraInfo each is refused with InputError, or uncalibrated, or gives
    positions that are finite with z > 0, or NaN; all of these occur."""
    rng = np.random.default_rng(9)
    wild = [0.0, -1.0, 1e-300, 1e300, float("nan"), float("inf"), 1.0, 300.0]
    pixels = rng.uniform(-2, 34, (20, 2))
    outcomes = {"refused": 0, "uncalibrated": 0, "found": 0, "nothing": 0}
    for _ in range(2000):
        info = list(LENSES.values())[int(rng.integers(len(LENSES)))].info()
        for name, length in (("k", 9), ("p", 12), ("d", int(rng.integers(9)))):
            if rng.random() < 0.2:
                values = np.array(getattr(info, name)[:length], float) if name != "d" else np.zeros(length)
                values[rng.integers(0, max(length, 1), length // 4)] = rng.choice(wild)
                setattr(info, name, values.tolist() if name == "d" else values)
        if rng.random() < 0.1:
            info.k, info.p = np.zeros(9), np.zeros(12)
        if rng.random() < 0.1:
            info.distortion_model = str(rng.choice(["", "none", "plumb_bob", "equidistant"]))
        info.width = info.height = int(rng.choice([0, 0, 0, 32, 2**32 - 1]))
        info.binning_x, info.roi.x_offset = (int(rng.choice([0, 1, 2**32 - 1])) for _ in range(2))
        info.roi.width = info.roi.height = 0
        metres = rng.choice([np.nan, np.inf, 0, -1, 1.5, 1.5, 1e30], (32, 32))
        message = message_of(np.nan_to_num(metres, posinf=9, neginf=0) if rng.random() < 0.5 else metres, "32FC1")
        message.height = int(rng.choice([32, 32, 32, 0, 31, 2**31]))
        try:
            camera = camera_model(info, (32, 32), bool(rng.integers(2)))
            depth = decode_depth(message)
            found = None if camera is None else positions(depth, camera, pixels, (32, 32))
        except InputError:
            outcomes["refused"] += 1
            continue
        if found is None:
            outcomes["uncalibrated"] += 1
            continue
        points = [InteractionPoint() for _ in pixels]
        set_positions(points, found)
        placed = [point.position.z for point in points if point.has_position]
        outcomes["found" if placed else "nothing"] += 1
        assert all(z > 0 for z in placed)
    assert min(outcomes.values()) > 10, outcomes

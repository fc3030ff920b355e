"""Tracks of a camera's points: through the node, and through the motion of a camera whose pose is known."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from builtin_interfaces.msg import Time
from depth_camera import DepthCamera
from depth_scene import Lens, render
from geometry_msgs.msg import Quaternion, Transform, Vector3
from harness import Client, LocalNode, photo
from numpy.typing import NDArray
from rclpy.duration import Duration
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from hotspot_core.hotspots.prediction import InteractionPoint, Prediction
from hotspot_core.hotspots.regions import Region
from hotspot_ros.conversions.crop import whole
from hotspot_ros.conversions.messages import hotspot_array
from hotspot_ros.msg import HotspotArray
from hotspot_ros.pipeline.frames import CameraFrame, DecodedFrame, InferredFrame, Settings
from hotspot_ros.pipeline.stabilization import CameraStabilizer, set_tracks
from hotspot_ros.positions.camera_model import CameraModel, camera_model
from hotspot_ros.positions.depth import DepthImage
from hotspot_ros.positions.frames import inverse, transform_positions
from hotspot_ros.positions.scene_geometry import SceneGeometry
from hotspot_ros.ros.parameters import DECLARATIONS, _from_values, updated

HEIGHT, WIDTH = 480, 640
# In the target frame, about 2 m before the first camera.
PLACES = np.array([[-0.5, 0.1, 2.0], [0.1, -0.2, 2.0], [0.5, 0.3, 2.0]])
LENSES = [Lens(), Lens("plumb_bob", [-0.2, 0.05, 0.001, -0.001, 0.0]), Lens("equidistant", [0.02, -0.01, 0.0, 0.0])]


def ids(message: HotspotArray) -> dict[str, list[int]]:
    return {hotspot.action: [point.track_id for point in hotspot.points] for hotspot in message.hotspots}


def pace(client: Client | DepthCamera) -> None:
    """Stamps of images are 0.1 s apart, however long a busy machine takes to answer."""
    start, numbers = client.get_clock().now(), itertools.count()

    def header(frame_id: str) -> Header:
        stamp = start + Duration(nanoseconds=10**8 * next(numbers))
        return Header(stamp=stamp.to_msg(), frame_id=frame_id)

    client.header = header  # type: ignore[method-assign]


def test_points_of_the_stream_have_tracks_that_age() -> None:
    """1. The same photo three times: the points keep their numbers, all different, and age with the stamps. 2. Another
    photo has other numbers. 3. `~/predict`, which follows nothing, has none."""
    with LocalNode("tracked") as node, Client("/tracked") as client:
        pace(client)
        sent, answers = zip(*(client.ask(photo(seed=seed)) for seed in (1, 1, 1, 2)), strict=True)
        assert ids(answers[0]) == ids(answers[1]) == ids(answers[2])
        numbers = [number for row in ids(answers[0]).values() for number in row]
        assert len(numbers) == len(set(numbers)) > len(node.actions)
        assert min(numbers) > 0
        assert not set(numbers) & {number for row in ids(answers[3]).values() for number in row}
        stamps = [image.header.stamp.sec * 10**9 + image.header.stamp.nanosec for image in sent]
        for answer, stamp in zip(answers[:3], stamps, strict=False):
            ages = {p.age.sec * 10**9 + p.age.nanosec for hotspot in answer.hotspots for p in hotspot.points}
            assert ages == {stamp - stamps[0]}


def test_smoothing_and_hysteresis_can_be_changed_while_it_runs() -> None:
    """1. Two photos in turn, with all that is remembered: what is published is not what the second one shows alone.
    2. Without, it is."""
    with LocalNode("switched", peak_threshold=0.0) as node, Client("/switched") as client:
        noise = np.random.default_rng(0).normal(0, 25, photo().shape)
        first, second = photo(), (photo() + noise).clip(0, 255).astype(np.uint8)
        client.ask(first)
        _, mixed = client.ask(second)
        node.set_parameters([Parameter("smoothing", value=0.0), Parameter("hysteresis", value=0.0)])
        _, alone = client.ask(second)
        client.ask(first)
        _, again = client.ask(second)
        assert alone.hotspots[0].heatmap.data == again.hotspots[0].heatmap.data
        assert mixed.hotspots[0].heatmap.data != alone.hotspots[0].heatmap.data


def settings(**changes: Any) -> Settings:
    values = {name: default for name, (default, _) in DECLARATIONS.items()}
    return Settings(updated(_from_values(values), changes.items()), ("open",))


def looking_from(x: float, turn: float) -> Transform:
    """The pose of a camera in the target frame: moved to the side and turned about the vertical axis."""
    rotation = Quaternion(x=0.0, y=float(np.sin(turn / 2)), z=0.0, w=float(np.cos(turn / 2)))
    return Transform(translation=Vector3(x=x, y=0.1, z=-0.2), rotation=rotation)


def seen(
    camera: CameraModel, pose: Transform, stamp: int, image: NDArray[np.uint8]
) -> tuple[InferredFrame, SceneGeometry]:
    """What a camera at a pose sees of PLACES: a prediction with a peak at each, and the depth of each around it."""
    local = inverse(PLACES, pose)
    pixels = camera.pixels(local)
    grid = np.zeros((24, 32), np.float32)
    depth = np.zeros((HEIGHT, WIDTH), np.float32)
    rows, columns = np.mgrid[:24, :32]
    for number, (x, y) in enumerate(pixels):
        column, row = (x + 0.5) / 20 - 0.5, (y + 0.5) / 20 - 0.5
        grid += (1 - 0.1 * number) * np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / 3).astype(np.float32)
        depth[max(0, round(y) - 15) : round(y) + 15, max(0, round(x) - 15) : round(x) + 15] = local[number, 2]
    region = Region(-0.0, -0.0, float(WIDTH), float(HEIGHT))
    points: list[InteractionPoint] = []
    prediction = Prediction(
        ("open",), np.ones(1, np.float32), grid[None] / grid.max(), points, region, (HEIGHT, WIDTH), {}, grid[None]
    )
    header = Header(frame_id="wrist", stamp=Time(nanosec=stamp))
    frame = CameraFrame("", Image(header=header), 0.0, None)
    decoded = DecodedFrame(frame, image, 1, whole((HEIGHT, WIDTH)), 0.0, 0.0)
    geometry = SceneGeometry(DepthImage(depth, 1.0), camera, "base", pose)
    return InferredFrame(decoded, prediction, settings(), 0.0), geometry


def tracks(stabilizer: CameraStabilizer, frame: InferredFrame, geometry: SceneGeometry | None) -> dict[int, int]:
    """Number of the place -> number of its track, of one image."""
    stable = stabilizer.update(frame, geometry)
    message = hotspot_array(stable.prediction, frame.decoded.frame.message.header)
    set_tracks(message, stable.tracks)
    if geometry is None:
        return {number: track.track_id for number, track in enumerate(stable.tracks)}
    geometry.place(message, stable.prediction)
    stabilizer.remember(message)
    found = {}
    for point in message.hotspots[0].points:
        assert point.has_position
        position = np.array([point.position.x, point.position.y, point.position.z])
        distances = np.linalg.norm(PLACES - position, axis=1)
        assert distances.min() < 0.05
        found[int(distances.argmin())] = point.track_id
    return found


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model + str(bool(any(lens.distortion))))
def test_tracks_live_in_the_target_frame(lens: Lens) -> None:
    """1. A wrist camera moves and turns: between two images everything moves by more pixels than points are apart.
    2. With depth and tf each place keeps its number, to the end; the best stays the best. 3. Without, none does."""
    camera = camera_model(lens.info(), (HEIGHT, WIDTH))
    assert camera is not None
    poses = [looking_from(0.12 * step, 0.09 * step - 0.1) for step in range(4)]
    moved = camera.pixels(inverse(PLACES, poses[1])) - camera.pixels(inverse(PLACES, poses[0]))
    assert np.linalg.norm(moved, axis=1).min() > 60
    for is_known in (True, False):
        stabilizer, found = CameraStabilizer(), []
        for stamp, pose in enumerate(poses):
            # Where nothing tells the motion, the images do; else it is the same white wall that is seen.
            image = np.kron(photo(6, 8, seed=stamp), np.ones((80, 80, 1), np.uint8))
            wall = np.full_like(image, 255)
            frame, geometry = seen(camera, pose, 1000 + stamp, wall if is_known else image)
            found.append(tracks(stabilizer, frame, geometry if is_known else None))
        assert [len(row) for row in found] == [3] * 4
        numbers = {number for row in found for number in row.values()}
        assert (found == [found[0]] * 4) is is_known
        assert len(numbers) == (3 if is_known else 12)


@pytest.mark.parametrize("lens", LENSES, ids=lambda lens: lens.model + str(bool(any(lens.distortion))))
def test_pixels_are_the_inverse_of_rays(lens: Lens) -> None:
    """Also with binning and a region of interest; what is behind the camera has no pixel."""
    for binning, roi in ((1, (0, 0, 0, 0)), (2, (120, 60, 400, 360))):
        cut = Lens(lens.model, lens.distortion, binning=binning, roi=roi)
        camera = camera_model(cut.info(), cut.image_hw())
        assert camera is not None
        pixels = np.random.default_rng(0).uniform(10, 150, (50, 2))
        rays = camera.rays(pixels)
        np.testing.assert_allclose(camera.pixels(rays * 1.7), pixels, atol=0.01)
        np.testing.assert_allclose(cut.project(rays), pixels, atol=0.02)
        assert np.isnan(camera.pixels(-rays)).all()


def test_a_transform_and_back() -> None:
    pose = looking_from(0.3, 0.5)
    positions: NDArray[np.float64] = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(inverse(transform_positions(positions, pose), pose), positions, atol=1e-12)


def test_a_node_keeps_tracks_with_depth() -> None:
    """The same photo with depth: points have positions and keep their tracks."""
    lens = Lens()
    metres, _ = render(lens.rays())
    with LocalNode("tracked_deep", depth=True), DepthCamera("/tracked_deep") as camera:
        pace(camera)
        first, second = (camera.see("optical", photo(HEIGHT, WIDTH), metres.astype(np.float32), lens) for _ in range(2))
        assert ids(first) == ids(second)
        assert any(point.has_position for hotspot in second.hotspots for point in hotspot.points)

"""The node, as a robot stack meets it: another process, over DDS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from harness import Client, LocalNode, NodeProcess, photo
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import DescribeParameters, ListParameters, SetParameters
from rclpy.publisher import Publisher
from rclpy.qos import ReliabilityPolicy
from sensor_msgs.msg import CompressedImage, Image

from hotspot_core import HotspotPredictor
from hotspot_core.data.synthetic import make_image
from hotspot_ros.conversions.images import decode_compressed_image, decode_heatmap, decode_image, encode_image
from hotspot_ros.conversions.messages import prediction
from hotspot_ros.msg import InteractionPointArray
from hotspot_ros.ros.parameters import DECLARATIONS
from hotspot_ros.srv import Predict


def test_hotspots_of_an_image() -> None:
    """1. Publish an image. 2. The answer has its stamp and frame. 3. Scores, maps and points are the predictor's, in
    float32: how bfloat16 rounds depends on what a runtime has seen before."""
    points: list[InteractionPointArray] = []
    image = photo(48, 64)
    with LocalNode("exact", precision="fp32"), Client("/exact") as client:
        client.create_subscription(InteractionPointArray, "hotspots/points", points.append, 10)
        client.wait(lambda: client.count_publishers(f"{client.get_namespace()}/hotspots/points") > 0)
        sent, hotspots = client.ask(image, "camera_optical_frame")
        client.wait(lambda: bool(points))
    assert hotspots.header == sent.header
    assert (hotspots.image_height, hotspots.image_width) == (48, 64)
    expected = HotspotPredictor(device="cpu").predict(image)
    assert tuple(h.action for h in hotspots.hotspots) == expected.actions
    for index, hotspot in enumerate(hotspots.hotspots):
        assert hotspot.score == pytest.approx(expected.scores[index], abs=1e-4)
        assert hotspot.heatmap.encoding == "32FC1"
        assert hotspot.heatmap.header == sent.header
        np.testing.assert_allclose(decode_heatmap(hotspot.heatmap), expected.heatmaps[index], atol=1e-3)
    found = [(p.action, p.x, p.y) for h in hotspots.hotspots for p in h.points]
    wanted = [(p.action, p.x, p.y) for p in expected.points]
    assert [name for name, _, _ in found] == [name for name, _, _ in wanted]
    np.testing.assert_allclose([xy for _, *xy in found], [xy for _, *xy in wanted], atol=0.5)
    assert not any(p.has_position for h in hotspots.hotspots for p in h.points)
    assert points[-1].header == sent.header
    assert points[-1].points == [p for h in hotspots.hotspots for p in h.points]


@pytest.mark.parametrize("size", [(480, 640), (1080, 1920), (9, 7)])
def test_no_frame_is_lost_to_the_transport(client: Client, size: tuple[int, int]) -> None:
    """Ten frames, each sent when the one before was answered: ten answers, in the size of each."""
    for index in range(10):
        _, hotspots = client.ask(photo(*size, seed=index), f"frame_{index}")
        assert (hotspots.image_height, hotspots.image_width) == size


def test_malformed_images_do_not_end_the_node(client: Client, node: NodeProcess) -> None:
    """1. Images of unknown encoding, wrong sizes and no data. 2. None is answered. 3. A good one after them is.
    4. The log names a reason, throttled."""
    damages: list[dict[str, Any]] = [
        {"encoding": "yuv999"},
        {"height": 0},
        {"step": 1},
        {"data": b"x"},
        {"width": 2**31},
        {"height": 2**31},
    ]
    for number, damage in enumerate(damages):
        message = encode_image(photo(), client.header(f"bad_{number}"))
        for field, value in damage.items():
            setattr(message, field, value)
        client.camera.publish(message)
        client.spin_for(0.05)
    client.ask(photo(), "good")
    assert not [frame for frame in client.received if frame.startswith("bad")]
    assert 1 <= node.output().count("skipped a frame") < len(damages)


def test_labels_are_latched(client: Client) -> None:
    """A subscriber that comes after the start gets the names and the checkpoint's identity."""
    labels = client.labels[0]
    assert tuple(labels.actions) == HotspotPredictor(device="cpu").actions
    assert labels.published_actions == labels.actions
    assert labels.checkpoint in ("default.safetensors", "default.onnx")
    assert labels.preset == "robot"
    assert len(labels.sha256) == 64


def test_overlay_follows_its_subscribers(client: Client) -> None:
    """Nobody listens: hotspots come, the overlay has no reader. Somebody listens: a picture of the image's size and
    header comes with the next frame."""
    overlays: list[Image] = []
    client.ask(photo())
    client.spin_for(0.5)  # The overlay would come after the hotspots.
    client.create_subscription(Image, "hotspots/overlay", overlays.append, 10)
    client.wait(lambda: client.count_publishers(f"{client.get_namespace()}/hotspots/overlay") > 0)
    client.spin_for(0.5)
    assert overlays == []
    sent, _ = client.ask(photo(120, 160), "camera")
    client.wait(lambda: bool(overlays))
    assert overlays[0].header == sent.header
    assert decode_image(overlays[0]).shape == (120, 160, 3)


def test_predict_service(client: Client) -> None:
    """An image with named actions is answered in their order; a mistyped action and a damaged image are refused
    with the reason."""
    header = client.header("elsewhere")
    image = encode_image(photo(), header)
    response = client.call(Predict, "hotspots/predict", Predict.Request(image=image, actions=["pull", "open"]))
    assert response.success, response.message
    assert [h.action for h in response.hotspots.hotspots] == ["pull", "open"]
    assert response.hotspots.header == header
    assert response.hotspots.position_frame == "elsewhere"
    response = client.call(Predict, "hotspots/predict", Predict.Request(image=image, actions=["opne"]))
    assert not response.success
    assert "did you mean 'open'" in response.message
    image.step = 1
    response = client.call(Predict, "hotspots/predict", Predict.Request(image=image))
    assert not response.success
    assert "step 1 is too small" in response.message


def set_parameter(client: Client, name: str, **value: object) -> tuple[bool, str]:
    parameter = Parameter(name=name, value=ParameterValue(**value))
    request = SetParameters.Request(parameters=[parameter])
    (result,) = client.call(SetParameters, "hotspots/set_parameters", request).results
    return result.successful, result.reason


def test_parameters_change_while_it_runs(client: Client) -> None:
    """1. Fewer actions, one point, larger maps, a minimum score take effect on the next frame. 2. Labels follow."""
    strings, integer = ParameterType.PARAMETER_STRING_ARRAY, ParameterType.PARAMETER_INTEGER
    assert set_parameter(client, "actions", type=strings, string_array_value=["pull", "open"])[0]
    assert set_parameter(client, "points_per_action", type=integer, integer_value=1)[0]
    integers = ParameterType.PARAMETER_INTEGER_ARRAY
    assert set_parameter(client, "heatmap_size", type=integers, integer_array_value=[64, 48])[0]
    _, hotspots = client.ask(photo())
    assert [h.action for h in hotspots.hotspots] == ["pull", "open"]
    assert {len(h.points) for h in hotspots.hotspots} == {1}
    assert hotspots.hotspots[0].heatmap.width == 64
    client.wait(lambda: list(client.labels[-1].published_actions) == ["pull", "open"])
    double = ParameterType.PARAMETER_DOUBLE
    assert set_parameter(client, "score_threshold", type=double, double_value=1.0)[0]
    assert client.ask(photo())[1].hotspots == []
    assert set_parameter(client, "score_threshold", type=double, double_value=0.0)[0]
    assert set_parameter(client, "actions", type=strings, string_array_value=["all"])[0]
    assert set_parameter(client, "points_per_action", type=integer, integer_value=3)[0]
    assert set_parameter(client, "heatmap_size", type=integers, integer_array_value=[0, 0])[0]


def test_a_region_of_interest_is_looked_at_alone(client: Client) -> None:
    """1. Ask for the right lower quarter. 2. Heatmaps are the predictor's of that part; they cover it, and
    the points lie in it, in pixels of the whole image. 3. With a heatmap size they cover exactly that part."""
    doubles = ParameterType.PARAMETER_DOUBLE_ARRAY
    integers = ParameterType.PARAMETER_INTEGER_ARRAY
    assert set_parameter(client, "region_of_interest", type=doubles, double_array_value=[0.5, 0.5, 0.5, 0.5])[0]
    image = photo(96, 128)
    _, hotspots = client.ask(image)
    expected = HotspotPredictor(device="cpu", precision="auto").predict(np.ascontiguousarray(image[48:, 64:]))
    assert (hotspots.image_width, hotspots.image_height) == (128, 96)
    for index, hotspot in enumerate(hotspots.hotspots):
        np.testing.assert_allclose(decode_heatmap(hotspot.heatmap), expected.heatmaps[index], atol=1e-3)
    region = hotspots.region
    assert (region.x - 64, region.y - 48) == pytest.approx((expected.region.x, expected.region.y))
    assert (region.width, region.height) == pytest.approx((64, 48))
    points = [(p.x, p.y) for h in hotspots.hotspots for p in h.points]
    np.testing.assert_allclose(points, [(p.x + 64, p.y + 48) for p in expected.points], atol=0.5)
    assert set_parameter(client, "heatmap_size", type=integers, integer_array_value=[32, 24])[0]
    region = client.ask(image)[1].region
    assert (region.x, region.y, region.width, region.height) == (64, 48, 64, 48)
    assert set_parameter(client, "heatmap_size", type=integers, integer_array_value=[0, 0])[0]
    assert set_parameter(client, "region_of_interest", type=doubles, double_array_value=[0.0, 0.0, 1.0, 1.0])[0]


def test_wrong_parameter_changes_are_refused_with_the_reason(client: Client) -> None:
    """Unknown action, value out of range, wrong length, wrong type, read-only: refused, and nothing changes."""
    strings = ParameterType.PARAMETER_STRING_ARRAY
    integers, integer = ParameterType.PARAMETER_INTEGER_ARRAY, ParameterType.PARAMETER_INTEGER
    text, doubles = ParameterType.PARAMETER_STRING, ParameterType.PARAMETER_DOUBLE_ARRAY
    for name, value, reason in (
        ("actions", {"type": strings, "string_array_value": ["opne"]}, "did you mean 'open'"),
        ("actions", {"type": strings, "string_array_value": []}, "give ['all'] for every one"),
        ("points_per_action", {"type": integer, "integer_value": 101}, "out of range"),
        ("heatmap_size", {"type": integers, "integer_array_value": [64]}, "width, height"),
        ("heatmap_size", {"type": integers, "integer_array_value": [100000, 1]}, "at most 4096"),
        ("region_of_interest", {"type": doubles, "double_array_value": [0.5, 0.0, 0.6, 1.0]}, "within [0, 1]"),
        ("region_of_interest", {"type": doubles, "double_array_value": [0.0, 0.0, float("nan"), 1.0]}, "within [0, 1]"),
        ("max_rate", {"type": ParameterType.PARAMETER_DOUBLE, "double_value": -1.0}, "out of range"),
        ("points_per_action", {"type": text, "string_value": "many"}, "type"),
        ("model", {"type": text, "string_value": "/etc/passwd"}, "read-only"),
        ("device", {"type": text, "string_value": "cuda"}, "read-only"),
        ("cameras", {"type": strings, "string_array_value": ["front"]}, "read-only"),
    ):
        successful, found = set_parameter(client, name, **value)
        assert not successful, name
        assert reason in found, name
    assert len(client.ask(photo())[1].hotspots) == len(client.labels[-1].actions)


def test_every_parameter_is_described(client: Client) -> None:
    """All parameters of ours have a description, and those fixed at start say so."""
    names = client.call(ListParameters, "hotspots/list_parameters", ListParameters.Request()).result.names
    own = [n for n in names if not n.startswith(("use_sim_time", "qos_overrides", "start_type_description"))]
    assert set(own) == set(DECLARATIONS)
    request = DescribeParameters.Request(names=own)
    described = client.call(DescribeParameters, "hotspots/describe_parameters", request).descriptors
    assert all(d.description for d in described)
    changeable = ["actions", "points_per_action", "peak_threshold", "score_threshold", "smoothing", "hysteresis"]
    changeable += ["probability_threshold", "heatmap_size", "max_rate", "cloud_threshold", "region_of_interest"]
    assert {d.name for d in described if not d.read_only} == set(changeable)


def test_best_effort_cameras_are_followed(capfd: pytest.CaptureFixture[str]) -> None:
    """A camera that offers best effort only is not met with silence: the node turns to it and says so."""
    with LocalNode("best_effort"), Client("/best_effort", ReliabilityPolicy.BEST_EFFORT) as client:
        client.ask(photo())
        assert "offers best_effort: subscribing so" in capfd.readouterr().err


def test_incompatible_quality_of_service_is_reported(capfd: pytest.CaptureFixture[str]) -> None:
    """The watchdog of a node told to be reliable names the topic, the reason and the remedy when a camera offers best
    effort only."""
    log: list[str] = []

    def said(text: str) -> bool:
        log.append(capfd.readouterr().err)
        return text in "".join(log)

    with LocalNode("strict", qos="reliable", image_timeout=0.5):
        client = Client("/strict", ReliabilityPolicy.BEST_EFFORT)
        client.wait(lambda: said("no image on /strict/image for 0.5 s; a publisher exists with incompatible QoS"))
        assert said("qos set to 'auto' or 'best_effort'")
        client.destroy_node()


@pytest.fixture(scope="module")
def packed() -> Iterator[NodeProcess]:
    """A node that reads image/compressed and publishes one point of one action."""
    with NodeProcess("packed", image_transport="compressed", actions="[open]", points_per_action=1) as process:
        yield process


@pytest.fixture
def compressed(packed: NodeProcess) -> Iterator[tuple[Client, Publisher]]:
    """A client of it and its camera."""
    client = Client(packed.namespace)
    camera = client.create_publisher(CompressedImage, "image/compressed", 1)
    client.wait(lambda: camera.get_subscription_count() > 0 and bool(client.labels))
    client.wait(lambda: client.count_publishers(f"{client.get_namespace()}/hotspots") > 0)
    yield client, camera
    client.destroy_node()


def test_compressed_images_and_chosen_actions(compressed: tuple[Client, Publisher]) -> None:
    """With image_transport compressed the node reads image/compressed; only the actions named at start come; a
    truncated picture is not answered."""
    client, camera = compressed
    whole = cv2.imencode(".jpg", photo(60, 80))[1].tobytes()
    camera.publish(CompressedImage(header=client.header("bad"), format="jpeg", data=whole[:30]))
    client.spin_for(0.3)
    camera.publish(CompressedImage(header=client.header("camera"), format="jpeg", data=whole))
    client.wait(lambda: "camera" in client.received)
    assert [h.action for h in client.received["camera"].hotspots] == ["open"]
    assert {len(h.points) for h in client.received["camera"].hotspots} == {1}
    assert set(client.received) == {"camera"}


def test_a_large_jpeg_that_shrinks_gives_the_same_hotspots(compressed: tuple[Client, Publisher]) -> None:
    """1. A drawn scene as a JPEG that is decoded at half its size. 2. Size and region are the whole picture's, the map
    is close to its map, and the point is on one of its peaks. 3. Once somebody looks at the overlay, it has the whole
    picture's size."""
    image = make_image(np.random.default_rng(0), difficulty=0.2, size=720).image
    data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))[1].tobytes()
    whole = decode_compressed_image(CompressedImage(data=data))
    expected = HotspotPredictor(device="cpu", precision="auto").predict(whole, ["open"])
    client, camera = compressed
    camera.publish(CompressedImage(header=client.header("camera"), format="jpeg", data=data))
    client.wait(lambda: "camera" in client.received)
    found = prediction(client.received["camera"])
    assert found.image_size == (720, 720)
    assert found.region == expected.region
    assert np.corrcoef(found.heatmaps.ravel(), expected.heatmaps.ravel())[0, 1] > 0.99
    (point,) = found.points
    assert expected.heatmaps_at(720, 720)[0, round(point.y), round(point.x)] > 0.8
    overlays: list[Image] = []
    client.create_subscription(Image, "hotspots/overlay", overlays.append, 10)
    client.wait(lambda: client.count_publishers(f"{client.get_namespace()}/hotspots/overlay") > 0)
    while not overlays:
        camera.publish(CompressedImage(header=client.header("camera"), format="jpeg", data=data))
        client.spin_for(0.3)
    assert decode_image(overlays[0]).shape == (720, 720, 3)


def test_stale_frames_are_dropped_and_counted() -> None:
    """1. Two hundred frames as fast as they go. 2. The newest is answered. 3. Processed and overwritten add up to what
    the node received; the others were overwritten by the middleware, on either side, before the node took them."""
    with NodeProcess("burst") as own, Client(own.namespace) as client:
        for index in range(200):
            client.camera.publish(encode_image(photo(seed=index % 3), client.header(f"frame_{index}")))
        client.wait(lambda: "frame_199" in client.received)
        client.spin_for(0.5)  # a frame counts as processed once it is published
        assert own.stop()[0] == 0
    ending = own.output().rpartition("ending: ")[2].replace(",", "").split()
    received, processed, overwritten, *others, lost = (int(word) for word in ending if word.isdigit())
    assert received == processed + overwritten
    assert received + lost <= 200
    assert processed < 200
    assert not any(others)

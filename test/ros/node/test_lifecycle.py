"""The managed node: each transition does what it says, and one that fails can be tried again."""

from __future__ import annotations

import gc
import shutil
import weakref
from pathlib import Path

import pytest
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from harness import Client, LocalNode, photo
from lifecycle_msgs.msg import Transition
from rcl_interfaces.msg import Parameter, ParameterType, ParameterValue
from rcl_interfaces.srv import SetParameters

from hotspot_core.model.checkpoint import DEFAULT_CHECKPOINT
from hotspot_ros.conversions.images import encode_image
from hotspot_ros.srv import Predict


def test_from_configure_to_cleanup_and_back() -> None:
    """1. Unconfigured: no outputs, no inputs. 2. Configured: the service answers, nothing is subscribed to. 3. Active:
    images are answered. 4. Inactive again: nothing is received, nothing comes. 5. Cleaned up: no outputs, no model.
    6. All of it a second time. 7. Shut down from active: finalized."""
    with LocalNode("managed", start=False) as node:
        client = Client("/managed")
        for _ in range(2):
            assert client.state() == "unconfigured"
            assert node.model is None
            client.wait(lambda: client.count_publishers("/managed/hotspots") == 0)

            assert client.change(Transition.TRANSITION_CONFIGURE)
            assert client.state() == "inactive"
            request = Predict.Request(image=encode_image(photo(), client.header("one")))
            assert client.call(Predict, "hotspots/predict", request).success
            assert client.camera.get_subscription_count() == 0

            assert client.change(Transition.TRANSITION_ACTIVATE)
            with client.connected():
                client.ask(photo())

            assert client.change(Transition.TRANSITION_DEACTIVATE)
            client.wait(lambda: client.camera.get_subscription_count() == 0)
            client.received.clear()
            client.camera.publish(encode_image(photo(), client.header("deaf")))
            client.spin_for(0.3)
            assert not client.received
            assert client.change(Transition.TRANSITION_CLEANUP)
        assert client.change(Transition.TRANSITION_CONFIGURE)
        assert client.change(Transition.TRANSITION_ACTIVATE)
        assert client.change(Transition.TRANSITION_ACTIVE_SHUTDOWN)
        assert client.state() == "finalized"
        assert node.model is None
        client.destroy_node()


def test_a_failed_configure_is_explained_and_can_be_retried(tmp_path: Path) -> None:
    """1. The checkpoint is not there: configure fails, diagnostics say why, the node is unconfigured. 2. The file
    comes; an action is mistyped: that is said. 3. The parameter is corrected: configure succeeds."""
    checkpoint = tmp_path / "late.safetensors"
    with LocalNode("retried", start=False, model=str(checkpoint), actions=["opne"]):
        client = Client("/retried")
        models: list[DiagnosticStatus] = []
        client.create_subscription(DiagnosticArray, "/diagnostics", lambda m: models.append(m.status[0]), 10)

        assert not client.change(Transition.TRANSITION_CONFIGURE)
        assert client.state() == "unconfigured"
        client.wait(lambda: bool(models) and "late.safetensors' does not exist" in models[-1].message)
        assert models[-1].level == DiagnosticStatus.ERROR

        shutil.copy(DEFAULT_CHECKPOINT, checkpoint)
        assert not client.change(Transition.TRANSITION_CONFIGURE)
        client.wait(lambda: "unknown action 'opne'" in models[-1].message)

        names = ParameterValue(type=ParameterType.PARAMETER_STRING_ARRAY, string_array_value=["all"])
        request = SetParameters.Request(parameters=[Parameter(name="actions", value=names)])
        assert client.call(SetParameters, "hotspots/set_parameters", request).results[0].successful
        assert client.change(Transition.TRANSITION_CONFIGURE)
        client.wait(lambda: models[-1].message == "inactive")
        assert models[-1].level == DiagnosticStatus.OK
        client.destroy_node()


def test_forbidden_transitions_are_answered() -> None:
    """Activating an unconfigured node, and a transition that does not exist, fail; the node lives on."""
    with LocalNode("forbidden", start=False):
        client = Client("/forbidden")
        assert not client.change(Transition.TRANSITION_ACTIVATE)
        assert not client.change(99)
        assert client.state() == "unconfigured"
        client.destroy_node()


def test_a_silent_camera_is_not_back_because_of_a_transition(capfd: pytest.CaptureFixture[str]) -> None:
    """1. The watchdog warns of a camera that sends nothing. 2. Deactivate and activate: it warns once more, and nowhere
    says that images came again."""
    log: list[str] = []

    def warnings() -> int:
        log.append(capfd.readouterr().err)
        return "".join(log).count("no image on /silent/image")

    with LocalNode("silent", image_timeout=0.5):
        client = Client("/silent")
        client.wait(lambda: warnings() == 1)
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        assert client.change(Transition.TRANSITION_ACTIVATE)
        client.wait(lambda: warnings() == 2)
        assert "again" not in "".join(log)
        client.destroy_node()


def test_nothing_keeps_the_cameras_of_a_former_configuration() -> None:
    """1. An active camera with depth, seen by the watchdog and the diagnostics. 2. Inactive: it lets its depth go. 3.
    Cleaned up: the next diagnostics let the camera itself go."""
    with LocalNode("forgetful", depth=True, image_timeout=0.1) as node:
        client = Client("/forgetful")
        client.wait(lambda: bool(node._watchdog._warned) and bool(node._diagnostics._snapshots))
        camera, depth = weakref.ref(node.cameras[0]), weakref.ref(node.cameras[0].positions)
        assert client.change(Transition.TRANSITION_DEACTIVATE)
        client.wait(lambda: gc.collect() >= 0 and depth() is None)
        assert client.change(Transition.TRANSITION_CLEANUP)
        client.wait(lambda: gc.collect() >= 0 and camera() is None)
        client.destroy_node()


def test_target_frame_without_tf2_is_refused() -> None:
    """Where tf2_ros is not installed, a target frame makes configure fail with what to do about it."""
    try:
        import tf2_ros  # noqa: F401
    except ImportError:
        with LocalNode("no_tf2", start=False, depth=True, target_frame="base_link") as node:
            client = Client("/no_tf2")
            assert not client.change(Transition.TRANSITION_CONFIGURE)
            assert "target_frame is 'base_link' and tf2_ros is not installed" in node.reason
            assert "install" in node.reason
            client.destroy_node()
    else:
        pytest.skip("tf2_ros is installed")

"""`python -m hotspot_ros.demo [INPUT]`: the real node in its own process, images over DDS, overlays on disk."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import rclpy
from rich.console import Console
from rich.progress import track
from rich.table import Table

from hotspot_core.errors import InputError
from hotspot_core.hotspots.overlay import draw_panels
from hotspot_core.hotspots.prediction import Image as Pixels
from hotspot_core.media.images import images_in
from hotspot_core.media.sources import Frame, unique_names
from hotspot_core.media.writers import check_inputs_survive, write_picture
from hotspot_core.utils.files import make_folder
from hotspot_ros.conversions.messages import prediction
from hotspot_ros.msg import HotspotArray
from hotspot_ros.player.demo_session import (
    STREAM_FRAMES,
    STREAM_RATE,
    DemoCamera,
    predict_each,
    running_node,
    stream,
    wait_for_node,
)
from hotspot_ros.player.sources import open_source

# Of a video only so many frames are shown.
MAX_VIDEO_FRAMES = 60
# Frames per second that are taken of a camera, which goes on for ever: the first `MAX_VIDEO_FRAMES`.
CAMERA_FPS = 5.0


def read_input(name: str) -> list[tuple[str, Pixels]]:
    """Named images from a photo, a folder of photos, a video (frames spread over it) or a camera (what it shows during
    the first seconds); drawn without a name. A photo of several that cannot be read is told and passed over.

    Raises:
        InputError: the source does not exist, or holds nothing that can be read.
    """
    source = open_source(name)
    if not source.ends:
        source = open_source(name, CAMERA_FPS)
    frames = source.frames(lambda reason: print(f"passed over: {reason}", file=sys.stderr))
    if source.moves:
        chosen = spread_frames(frames, source.length) if source.ends else list(islice(frames, MAX_VIDEO_FRAMES))
    else:
        chosen = list(track(frames, "Reading images", total=source.length, transient=True))
    names = unique_names(frame.name for frame in chosen)
    return [(name, frame.image) for name, frame in zip(names, chosen, strict=True)]


def spread_frames(frames: Iterator[Frame], length: int | None) -> list[Frame]:
    """At most `MAX_VIDEO_FRAMES` frames that are equally far apart.

    Args:
        length: how many frames there are, where that is said; it need not be true.
    """
    step, kept = max(1, -(-(length or 0) // MAX_VIDEO_FRAMES)), list[Frame]()
    for index, frame in enumerate(track(frames, "Reading images", total=length, transient=True)):
        if index % step == 0:
            kept.append(frame)
        if len(kept) > MAX_VIDEO_FRAMES:
            kept, step = kept[::2], 2 * step
    return kept


def results_table(names: list[str], results: list[tuple[HotspotArray, float]]) -> Table:
    """The actions of each image by falling score: all for one image, the first three for several."""
    table = Table(title="/hotspots")
    for column in ("image", "action"):
        table.add_column(column)
    for column in ("score", "peak x, y (pixels)", "latency (ms)"):
        table.add_column(column, justify="right")
    for name, (message, latency) in zip(names, results, strict=True):
        best = sorted(message.hotspots, key=lambda hotspot: -hotspot.score)[: None if len(names) == 1 else 3]
        for row, hotspot in enumerate(best):
            peak = f"{hotspot.points[0].x:.1f}, {hotspot.points[0].y:.1f}" if hotspot.points else "-"
            first = (name, f"{1000 * latency:.0f}") if row == 0 else ("", "")
            table.add_row(
                first[0], hotspot.action, f"{hotspot.score:.3f}", peak, first[1], end_section=row + 1 == len(best)
            )
    return table


def latency_line(latencies: list[float]) -> str:
    """What became of the stream, from the latencies in seconds of the images that were answered."""
    answered = f"stream at {STREAM_RATE:.0f} Hz: {len(latencies)} of {STREAM_FRAMES} images answered"
    if not latencies:
        return answered
    median, slowest = (1000 * float(np.percentile(latencies, q)) for q in (50, 99))
    overtaken = ", the others were overtaken by newer ones" if len(latencies) < STREAM_FRAMES else ""
    return f"{answered}, latency from publishing to receiving {median:.0f} ms median, {slowest:.0f} ms p99{overtaken}"


def run(source: str, output: Path, model: str) -> int:
    """The demo, see the module; the node's exit code.

    Raises:
        InputError: the input cannot be used, the output not be written, or the node does not answer.
    """
    images = read_input(source)
    inputs = [Path(source), *images_in(Path(source))] if source else []
    check_inputs_survive(inputs, [output / f"{name}.png" for name, _ in images])
    make_folder(output, "output folder")
    console = Console()
    # A domain of our own, on this machine only: no other robot's topics, and none of ours elsewhere.
    os.environ["ROS_DOMAIN_ID"] = str(random.randrange(1, 100))
    os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"
    rclpy.init()
    try:
        with running_node(model) as process:
            camera = DemoCamera()
            wait_for_node(camera, process)
            assert camera.labels is not None
            results = predict_each(camera, images)
            latencies = stream(camera, images)
        note = "" if camera.labels.trained else "untrained"
        for (name, image), (message, _) in zip(images, results, strict=True):
            sheet = draw_panels(image, prediction(message), note)
            write_picture(output / f"{name}.png", sheet)
        console.print(results_table([name for name, _ in images], results))
        console.print(latency_line(latencies))
        console.print(f"model: {camera.labels.checkpoint} ({camera.labels.preset}){', ' + note if note else ''}")
        console.print(f"pictures: {len(images)} in {output}/, the node ended with exit code {process.returncode}")
    finally:
        rclpy.try_shutdown()
    return int(process.returncode)


def main(arguments: list[str] | None = None) -> int:
    """The command; exit status 2 on bad input, 1 where the node did not end cleanly."""
    parser = argparse.ArgumentParser(prog="python -m hotspot_ros.demo", description=__doc__)
    parser.add_argument("input", nargs="?", default="", help="a photo, a folder of photos, a video, a URL or a webcam")
    parser.add_argument("--output", type=Path, default=Path("demo_output"), help="folder for the overlays")
    parser.add_argument("--checkpoint", default="default", help="a .safetensors checkpoint")
    options = parser.parse_args(arguments)
    try:
        return 1 if run(options.input, options.output, options.checkpoint) else 0
    except InputError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())

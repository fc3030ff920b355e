"""`python -m hotspot_core.predict`: overlays and points for images, folders, videos, bags and webcams.

Every image becomes a picture with all actions, one color each, and a legend. A video, or a topic of a bag, becomes a
video of such pictures and a strip of frames over time, one row per action. All points go to points.csv. Ctrl-C and
SIGTERM keep what is done.

With --lerobot, a data set of LeRobot becomes a new one whose frames have their points, and with --maps their heatmaps,
as features.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
from rich.progress import Progress

from hotspot_core.cluster.run import ClusterRun
from hotspot_core.errors import InputError
from hotspot_core.hotspots.prediction import Image
from hotspot_core.inference.lerobot_checks import KEY
from hotspot_core.inference.lerobot_run import LeRobotConfig, LeRobotRun
from hotspot_core.inference.prediction_run import PredictionConfig, PredictionRun, PredictionSummary
from hotspot_core.inference.runtimes import RUNTIMES
from hotspot_core.media.sources import Source
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.predict docs/example.jpg --actions open,pull --output predicted
  python -m hotspot_core.predict photos/ clip.mp4 --checkpoint model.safetensors --output predicted
  python -m hotspot_core.predict recording/ --topic /camera/image_raw --output predicted    # a bag
  python -m hotspot_core.predict --lerobot pick_cube --actions lift --output pick_cube_hotspots    # a data set
  python -m hotspot_core.predict /data/photos --engine ray --cluster head:6379 --output predicted
  python -m hotspot_core.predict 0 --show --seconds 30 --output predicted       # the first webcam
"""
WINDOW = "hotspots (q ends)"
# Options that are of inputs alone, as users write them.
_OF_INPUTS = {
    "input": "the inputs",
    "fps": "--fps",
    "seconds": "--seconds",
    "topic": "--topic",
    "output_bag": "--output-bag",
    "show": "--show",
}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("predict", __doc__ or "", EXAMPLES)
    add = result.add_argument
    add(
        "input",
        nargs="*",
        help="images, folders of images, videos, bags (rosbag2, .mcap), URLs, or numbers or devices of webcams",
    )
    add(
        "--checkpoint",
        default="default",
        help=".safetensors, .onnx or .pt2 file, also hf://owner/name (default: the bundled model)",
    )
    add("--actions", type=command_line.comma_list, default=[], help="by comma (default: all that the model knows)")
    add("--output", type=Path, default=Path("predicted"), help="folder (default %(default)s)")
    add("--fps", type=float, help="frames per second of a video or bag to predict (default: all)")
    add("--seconds", type=float, help="of a video, bag or webcam, from its start")
    add("--topic", help="with the images of a bag (default: the only one that there is)")
    add("--output-bag", type=Path, help="new .mcap file or folder: the input, a bag, with hotspots beside its topics")
    add("--lerobot", type=Path, metavar="ROOT", help="data set of LeRobot in place of inputs; --output is the new one")
    add("--add", default=KEY, metavar="FEATURE", help="of a data set: name of the new feature (default %(default)s)")
    add("--camera", type=command_line.comma_list, default=[], help="of a data set: cameras, by comma (default: all)")
    add("--maps", action="store_true", help="of a data set: add heatmaps, too")
    add("--points-per-action", type=int, default=3, help="maximum number of points per action (default %(default)s)")
    add("--peak-threshold", type=float, default=0.3, help="smallest value of a point (default %(default)s)")
    add("--score-threshold", type=float, default=0.0, help="smallest score of an action (default %(default)s)")
    add("--show", action="store_true", help="show pictures in a window as well")
    add("--device", default="auto", help="auto, cpu, cuda, gpu, npu ... (default %(default)s)")
    add("--precision", default="fp32", help="fp32, bf16, fp16, auto (default %(default)s)")
    add("--runtime", default="auto", help=f"of {', '.join(RUNTIMES)} (default: the fastest)")
    add(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="this process, or a Ray cluster (default %(default)s)",
    )
    add(
        "--cluster",
        default="auto",
        help="of --engine ray: host:port, auto for this computer's, local to start one here",
    )
    add("--quiet", action="store_true", help="no progress bars")
    return result


def main(args: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(args)
    if options.lerobot is not None:
        _add_to_data_set(options)
    elif not options.input:
        raise InputError("no input: give images, folders, videos, bags, URLs or webcams, or --lerobot and a data set")
    else:
        _predict_inputs(options)


def _predict_inputs(options: argparse.Namespace) -> None:
    if options.camera or options.maps or options.add != KEY:
        raise InputError("--add, --camera and --maps are of a data set: name it with --lerobot")
    config = PredictionConfig(
        inputs=options.input,
        output=options.output,
        model=options.checkpoint,
        device=options.device,
        precision=options.precision,
        runtime=options.runtime,
        actions=options.actions,
        points_per_action=options.points_per_action,
        peak_threshold=options.peak_threshold,
        score_threshold=options.score_threshold,
        fps=options.fps,
        seconds=options.seconds,
        topic=options.topic,
        output_bag=options.output_bag,
    )
    if options.engine == "ray":
        _on_cluster(config, options)
    else:
        _here(config, options)


def _here(config: PredictionConfig, options: argparse.Namespace) -> None:
    run = PredictionRun(config)
    if options.show:
        _check_display()
    with Progress(transient=True, disable=options.quiet) as progress:
        task = progress.add_task("", total=None)

        def on_frame(source: Source, drawn: Image, done: int) -> bool:
            progress.update(task, description=source.name, total=source.length, completed=done)
            return not options.show or _shown(drawn, source.moves)

        summary = _finished(lambda: run.run(on_frame, _print_left_out), options)
    _print_summary(summary, run, options)


def _on_cluster(config: PredictionConfig, options: argparse.Namespace) -> None:
    if options.show:
        raise InputError("--show is of one process: leave --engine ray away")
    run = ClusterRun(config, options.cluster)
    lengths = [source.length for source in run.sources]
    total = None if None in lengths else sum(length or 0 for length in lengths)
    with Progress(transient=True, disable=options.quiet) as progress:
        task = progress.add_task("frames", total=total)

        def on_block(done: int) -> bool:
            progress.update(task, completed=done)
            return True

        summary = _finished(lambda: run.run(on_block, _print_left_out), options)
    _print_summary(summary, run.local, options)


def _finished(run: Callable[[], PredictionSummary], options: argparse.Namespace) -> PredictionSummary:
    try:
        with command_line.interrupted_by_sigterm():
            return run()
    except KeyboardInterrupt:
        print(f"interrupted: what was done is in {options.output}", file=sys.stderr)
        raise


def _print_left_out(reason: str) -> None:
    print(f"left out: {reason}", file=sys.stderr)


def _print_summary(summary: PredictionSummary, run: PredictionRun, options: argparse.Namespace) -> None:
    left_out = f", {len(summary.left_out)} of {len(run.sources)} inputs left out" if summary.left_out else ""
    how = run.predictor.info.how
    print(f"{options.output}: {summary.frames} frames of {summary.inputs} inputs, points.csv{left_out} ({how})")


def _add_to_data_set(options: argparse.Namespace) -> None:
    if options.engine == "ray":
        raise InputError("--lerobot writes on one computer: leave --engine ray away")
    foreign = [name for name in _OF_INPUTS if getattr(options, name)]
    if foreign:
        raise InputError(f"--lerobot: every frame of a data set gets its points: leave out {_OF_INPUTS[foreign[0]]}")
    run = LeRobotRun(
        LeRobotConfig(
            root=options.lerobot,
            output=options.output,
            key=options.add,
            cameras=options.camera,
            maps=options.maps,
            model=options.checkpoint,
            device=options.device,
            precision=options.precision,
            runtime=options.runtime,
            actions=options.actions,
            points_per_action=options.points_per_action,
            peak_threshold=options.peak_threshold,
            score_threshold=options.score_threshold,
        )
    )
    with Progress(transient=True, disable=options.quiet) as progress:
        task = progress.add_task("", total=None)

        def on_progress(done: int, total: int, what: str) -> None:
            progress.update(task, description=what, total=total, completed=done)

        try:
            with command_line.interrupted_by_sigterm():
                frames = run.run(on_progress)
        except KeyboardInterrupt:
            count = f"{run.episodes_done()} of {len(run.dataset.episodes)} episodes are done"
            print(f"interrupted: {count}; the same command goes on", file=sys.stderr)
            raise
    print(f"{options.output}: {frames} frames with {', '.join(run.keys.values())} ({run.predictor.info.how})")


def _shown(drawn: Image, moves: bool) -> bool:
    """Shows a picture; False where q or Escape was pressed."""
    cv2.imshow(WINDOW, cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
    return cv2.waitKey(1 if moves else 0) & 0xFF not in (ord("q"), 27)


def _check_display() -> None:
    """InputError where no window can be opened."""
    try:
        cv2.namedWindow(WINDOW)
    except cv2.error as error:
        raise InputError(
            "--show: this OpenCV has no windows (the headless build): pip install opencv-python in place of "
            "opencv-python-headless, or look at the files that are written"
        ) from error


if __name__ == "__main__":
    sys.exit(command_line.run(main))

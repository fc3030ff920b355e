"""`python -m hotspot_core.predict`: overlays and points for images, folders, videos and webcams.

Every image becomes a picture with all actions, one colour each, and a legend. A video becomes a video of such pictures
and a strip of frames over time, one row per action. All points go to points.csv. Ctrl-C keeps what is done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
from rich.progress import Progress

from hotspot_core.errors import InputError, select_names
from hotspot_core.hotspots.overlay import draw_overlay, draw_strip
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.inference.predictor import HotspotPredictor
from hotspot_core.media.sources import Frame, Source, find_sources
from hotspot_core.media.writers import PointsFile, VideoFile, check_inputs_survive, write_picture
from hotspot_core.utils import command_line

EXAMPLES = """\
  python -m hotspot_core.predict docs/example.jpg --actions open,pull --output predicted
  python -m hotspot_core.predict photos/ clip.mp4 --checkpoint model.safetensors --output predicted
  python -m hotspot_core.predict 0 --show --seconds 30 --output predicted       # the first webcam
"""
# Frames in a strip over time.
STRIP_FRAMES = 8
POINTS = "points.csv"


def predict_source(
    predictor: HotspotPredictor, source: Source, points: PointsFile, options: argparse.Namespace, note: str
) -> int:
    """Predict all frames of a source and write its pictures; the number of frames.

    What is written before an interruption stays whole.

    Raises:
        InputError: the source cannot be read, or a file not be written.
    """
    actions = select_names("action", _names(options.actions), predictor.actions)
    done = 0
    kept = Strip()
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(transient=True, disable=options.quiet))
        task = progress.add_task(source.name, total=source.count)
        stack.callback(lambda: _write_strip(kept, options.output / source.strip_name, note))
        target = options.output / source.result_name
        video = stack.enter_context(VideoFile(target, source.rate)) if source.moves else None
        for frame in _limited(source, options.seconds):
            prediction = predictor.predict(
                frame.image,
                actions,
                points_per_action=options.points,
                peak_threshold=options.peak_threshold,
                score_threshold=options.score_threshold,
            )
            drawn = draw_overlay(frame.image, prediction, note)
            points.add(source.name, frame.number, frame.time, prediction)
            if video is not None:
                video.add(drawn)
                kept.add(frame.image, prediction)
            else:
                write_picture(target, drawn)
            done += 1
            progress.update(task, completed=done)
            if options.show and not _shown(drawn, source.moves):
                raise KeyboardInterrupt
    return done


class Strip:
    """Frames evenly spread over a video whose length need not be known, with their predictions."""

    def __init__(self, most: int = STRIP_FRAMES) -> None:
        self.most = most
        self.step = 1
        self.seen = 0
        self.frames: list[tuple[Image, Prediction]] = []

    def add(self, image: Image, prediction: Prediction) -> None:
        """Keep a frame where it falls on the present step; double the step where there get to be too many."""
        if self.seen % self.step == 0:
            self.frames.append((image, prediction))
            if len(self.frames) == 2 * self.most:
                self.frames = self.frames[::2]
                self.step *= 2
        self.seen += 1

    def spread(self) -> list[tuple[Image, Prediction]]:
        """At most so many of the kept frames, the first and the last among them."""
        places = np.linspace(0, len(self.frames) - 1, min(self.most, len(self.frames))).round().astype(int)
        return [self.frames[place] for place in places]


def _write_strip(strip: Strip, path: Path, note: str) -> None:
    frames = strip.spread()
    if len(frames) > 1:
        write_picture(path, draw_strip([f[0] for f in frames], [f[1] for f in frames], note))


def _limited(source: Source, seconds: float | None) -> Iterator[Frame]:
    for frame in source.frames():
        if seconds is not None and source.moves and frame.time >= seconds:
            return
        yield frame


def _shown(drawn: Image, moves: bool) -> bool:
    """Shows a picture; False where q or Escape was pressed."""
    cv2.imshow("hotspots (q ends)", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))
    return cv2.waitKey(1 if moves else 0) & 0xFF not in (ord("q"), 27)


def _check_display() -> None:
    """InputError where no window can be opened."""
    try:
        cv2.namedWindow("hotspots (q ends)")
    except cv2.error as error:
        raise InputError(
            "--show: this OpenCV has no windows (the headless build): pip install opencv-python in place of "
            "opencv-python-headless, or look at the files that are written"
        ) from error


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = command_line.parser("predict", __doc__ or "", EXAMPLES)
    result.add_argument("input", nargs="+", help="images, folders of images, videos, or numbers of webcams")
    result.add_argument("--checkpoint", default="default", help="a .safetensors file (default: the bundled model)")
    result.add_argument("--actions", default="", help="by comma (default: all that the model knows)")
    result.add_argument("--output", type=Path, default=Path("predicted"), help="folder (default %(default)s)")
    result.add_argument("--fps", type=float, help="frames per second of a video to predict (default: all)")
    result.add_argument("--seconds", type=float, help="of a video or webcam, from its start")
    result.add_argument("--points", type=int, default=3, help="most points per action (default %(default)s)")
    result.add_argument(
        "--peak-threshold", type=float, default=0.3, help="least value of a point (default %(default)s)"
    )
    result.add_argument(
        "--score-threshold", type=float, default=0.0, help="least score of an action (default %(default)s)"
    )
    result.add_argument("--show", action="store_true", help="show pictures in a window as well")
    result.add_argument("--device", default="auto", help="auto, cpu, cuda (default %(default)s)")
    result.add_argument("--quiet", action="store_true", help="no progress bars")
    return result


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    options = parser().parse_args(arguments)
    sources = find_sources(options.input, options.fps)
    names = [POINTS, *(name for source in sources for name in (source.result_name, source.strip_name))]
    inputs = [source.place for source in sources if isinstance(source.place, Path)]
    check_inputs_survive(inputs, [options.output / name for name in names])
    predictor = HotspotPredictor(options.checkpoint, options.device)
    # Of no image: before anything is written, the settings are checked.
    predictor.predict(
        [],
        select_names("action", _names(options.actions), predictor.actions),
        points_per_action=options.points,
        peak_threshold=options.peak_threshold,
    )
    note = "" if predictor.info.trained else "untrained"
    if options.show:
        _check_display()
    try:
        options.output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"output folder {str(options.output)!r} cannot be written: {error}") from error
    frames, broken = 0, []
    try:
        with PointsFile(options.output / POINTS) as points:
            for source in sources:
                try:
                    frames += predict_source(predictor, source, points, options, note)
                except InputError as error:
                    # In a folder of a thousand pictures one may be broken: the others must not wait for it.
                    if len(sources) == 1:
                        raise
                    print(f"left out: {error}", file=sys.stderr)
                    broken.append(source)
    except KeyboardInterrupt:
        print(f"interrupted: what was done is in {options.output}", file=sys.stderr)
        raise
    if len(broken) == len(sources):
        raise InputError(f"none of {len(sources)} inputs could be read")
    left_out = f", {len(broken)} of {len(sources)} inputs left out" if broken else ""
    print(f"{options.output}: {frames} frames of {len(sources) - len(broken)} inputs, points.csv{left_out}")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    sys.exit(command_line.run(main))

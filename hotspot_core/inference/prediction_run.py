"""Predicts pictures, videos, bags and webcams into a folder of overlays, strips over time and a table of points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from hotspot_core.errors import InputError, check_number, select_names
from hotspot_core.hotspots.overlay import draw_overlay, draw_strip
from hotspot_core.hotspots.points_table import PointsTable
from hotspot_core.hotspots.prediction import Image
from hotspot_core.hotspots.strip import Strip
from hotspot_core.inference.bag_recording import BagRecording
from hotspot_core.inference.predictor import PEAK_THRESHOLD, POINTS_PER_ACTION, HotspotPredictor
from hotspot_core.media.bag_source import BagSource
from hotspot_core.media.bag_writer import check_is_new
from hotspot_core.media.sources import Frame, PictureSource, Source, VideoSource, Warn, open_sources
from hotspot_core.media.writers import VideoFile, check_inputs_survive, write_picture
from hotspot_core.utils.files import make_folder

POINTS = "points.csv"


@dataclass(frozen=True)
class PredictionConfig:
    """What is predicted, and how.

    Attributes:
        inputs: as for `hotspot_core.media.sources.open_source`.
        output: the folder.
        model, device, precision, runtime: as for `HotspotPredictor`.
        actions, points_per_action, peak_threshold, score_threshold: as for `HotspotPredictor.predict`; no actions
            stand for all.
        fps: frames per second of a video, bag or webcam at most; None for all.
        seconds: of a video, bag or webcam, from its start; None for all.
        topic: of bags that are named without one; None for the only one with images.
        output_bag: a .mcap file or folder that gets the only input, a bag, with its hotspots; None for none.

    Raises:
        InputError: `fps` or `seconds` is no positive number.
    """

    inputs: Sequence[str]
    output: Path
    model: str | Path = "default"
    device: str = "auto"
    precision: str = "fp32"
    runtime: str = "auto"
    actions: Sequence[str] = ()
    points_per_action: int = POINTS_PER_ACTION
    peak_threshold: float = PEAK_THRESHOLD
    score_threshold: float = 0.0
    fps: float | None = None
    seconds: float | None = None
    topic: str | None = None
    output_bag: Path | None = None

    def __post_init__(self) -> None:
        for name in ("fps", "seconds"):
            if (value := getattr(self, name)) is not None:
                check_number(name, value, 0, above=True)


@dataclass
class PredictionSummary:
    """What a run has done so far: frames predicted, inputs finished, and those left out with the reason."""

    frames: int = 0
    inputs: int = 0
    left_out: dict[str, str] = field(default_factory=dict)


# Gets a source, the picture that was drawn, and how many of its frames are done; False ends the run as Ctrl-C does.
OnFrame = Callable[[Source, Image, int], bool]


class PredictionRun:
    """A run that is checked: what its configuration names exists, and no input would be overwritten.

    Attributes:
        config: what it was made of.
        summary: what is done, also after an interruption.
        sources: the inputs, every picture of a folder by itself, each with a name of its own.
        predictor: the model, loaded.
        actions: those that are predicted.
        note: on every overlay.

    Raises:
        InputError: an input, the model or a setting cannot be used.
    """

    def __init__(self, config: PredictionConfig) -> None:
        self.config = config
        self.summary = PredictionSummary()
        self.sources = _with_own_results(open_sources(config.inputs, config.fps, config.topic))
        if config.topic is not None and not any(isinstance(source, BagSource) for source in self.sources):
            raise InputError(f"topic {config.topic!r}: none of the inputs is a bag")
        if config.output_bag is not None:
            if len(self.sources) != 1 or not isinstance(self.sources[0], BagSource):
                raise InputError("an output bag is of one bag: give a single bag as input, with one topic")
            check_is_new(config.output_bag)
        files = [path for source in self.sources for path in _files(source)]
        names = [POINTS, *(name for source in self.sources for name in _result_names(source))]
        check_inputs_survive(files, [config.output / name for name in names])
        self.predictor = HotspotPredictor(config.model, config.device, config.precision, config.runtime)
        self.actions = select_names("action", config.actions, self.predictor.actions)
        # Of no image: a setting that cannot be used is told before anything is written.
        self.predictor.predict(
            [],
            self.actions,
            points_per_action=config.points_per_action,
            peak_threshold=config.peak_threshold,
            score_threshold=config.score_threshold,
        )
        self.note = "" if self.predictor.info.trained else "untrained"

    def run(self, on_frame: OnFrame | None = None, on_left_out: Warn | None = None) -> PredictionSummary:
        """Predicts everything. In a folder of a thousand pictures one may be broken: it is left out.

        Args:
            on_frame: called after every frame.
            on_left_out: gets the reason of every input, or image of a bag, that is left out.

        Raises:
            InputError: a file cannot be written, the only input cannot be read, or none of several.
            KeyboardInterrupt: `on_frame` ended the run; what was written stays whole.
        """
        make_folder(self.config.output, "output folder")
        with PointsTable(self.config.output / POINTS) as points:
            for source in self.sources:
                try:
                    self._predict(source, points, on_frame, on_left_out)
                    self.summary.inputs += 1
                except InputError as error:
                    if len(self.sources) == 1:
                        raise
                    self.summary.left_out[source.name] = str(error)
                    if on_left_out is not None:
                        on_left_out(str(error))
        if not self.summary.inputs:
            raise InputError(f"none of {len(self.sources)} inputs could be read")
        return self.summary

    def _predict(self, source: Source, points: PointsTable, on_frame: OnFrame | None, on_left_out: Warn | None) -> None:
        config, strip, done = self.config, Strip(), 0
        target = config.output / result_name(source)
        with ExitStack() as stack:
            stack.callback(lambda: self._write_strip(strip, config.output / strip_name(source)))
            video = stack.enter_context(VideoFile(target, source.fps)) if source.fps is not None else None
            recording = None
            if config.output_bag is not None and isinstance(source, BagSource):
                recording = stack.enter_context(BagRecording(source, config.output_bag, config.seconds, on_left_out))
            for frame in self._limited(source, on_left_out):
                prediction = self.predictor.predict(
                    frame.image,
                    self.actions,
                    points_per_action=config.points_per_action,
                    peak_threshold=config.peak_threshold,
                    score_threshold=config.score_threshold,
                )
                drawn = draw_overlay(frame.image, prediction, self.note)
                points.add(source.name, frame.number, frame.time, prediction, frame.stamp)
                if video is not None:
                    video.add(drawn, frame.time)
                    strip.add(frame.image, prediction)
                else:
                    write_picture(target, drawn)
                if recording is not None:
                    recording.add(frame, prediction, drawn)
                done += 1
                self.summary.frames += 1
                if on_frame is not None and not on_frame(source, drawn, done):
                    raise KeyboardInterrupt

    def _limited(self, source: Source, warn: Warn | None) -> Iterator[Frame]:
        for frame in source.frames(warn):
            if source.moves and self.config.seconds is not None and frame.time >= self.config.seconds:
                return
            yield frame

    def _write_strip(self, strip: Strip, path: Path) -> None:
        frames = strip.spread()
        if len(frames) > 1:
            write_picture(path, draw_strip([f[0] for f in frames], [f[1] for f in frames], self.note))


def _files(source: Source) -> list[Path]:
    if isinstance(source, PictureSource):
        return list(source.paths)
    return [source.path] if isinstance(source, VideoSource | BagSource) else []


def result_name(source: Source) -> str:
    """Of the picture or video that is written for a source."""
    return f"{source.name}{'.mp4' if source.moves else '.jpg'}"


def strip_name(source: Source) -> str:
    """Of the strip over time that is written for a video or webcam."""
    return f"{source.name}_strip.jpg"


def _result_names(source: Source) -> set[str]:
    """Of all files that are written for a source."""
    return {result_name(source), strip_name(source)} if source.moves else {result_name(source)}


def _with_own_results(sources: Iterable[Source]) -> list[Source]:
    """The sources, with a number after the name of one whose name, or one of whose files, is another's already: the
    strip of clip.mp4 and the overlay of clip_strip.png would both be clip_strip.jpg."""
    names, files, renamed = set[str](), set[str](), list[Source]()
    for source in sources:
        unique, number = source, 2
        while unique.name in names or files & _result_names(unique):
            unique, number = replace(source, name=f"{source.name}_{number}"), number + 1
        names.add(unique.name)
        files |= _result_names(unique)
        renamed.append(unique)
    return renamed

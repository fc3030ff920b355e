"""Prints how far the best points jump on rendered scenes, for docs/notes/stability.md.

python scripts/measure_stability.py; needs the extra `render`.

Every sequence is noisy, flickers and shakes; what a prediction of the clean image says is the truth. `still` is one
scene, `opened` one in which doors and drawers move half-way, `cut` another scene half-way, `moving` one past which the
camera moves.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from hotspot_core.utils.opengl import choose_backend  # isort: skip

choose_backend()  # Before MuJoCo, which takes its OpenGL where it is imported.

from hotspot_core import HotspotPredictor
from hotspot_core.data.rendered.camera import choose_view
from hotspot_core.data.rendered.model import compile_world
from hotspot_core.data.rendered.renderer import Renderer
from hotspot_core.data.rendered.still import Setting, build_world, set_joints
from hotspot_core.hotspots.prediction import Image, Prediction
from hotspot_core.tracking.probable_tracks import ProbableTracks
from hotspot_core.tracking.stabilizer import StabilitySettings, Stabilizer

WIDTH, HEIGHT, FRAMES, PERIOD = 640, 480, 40, 33_000_000
# Grey levels, fraction of the brightness, pixels.
NOISE, FLICKER, SHAKE = 8.0, 0.05, 2.0
# Pixels: a best point that moves farther between two frames has jumped; nearer than that it is at its place.
JUMP, MOVED = 20.0, 40.0
Places = NDArray[np.float64]


def clean_frames(kind: str, seed: int) -> Iterator[Image]:
    """The frames of a sequence without noise."""
    renderer, rng = Renderer(WIDTH, HEIGHT), np.random.default_rng(seed)
    try:
        for _ in range(2 if kind == "cut" else 1):
            world, _, focuses, spec = build_world(rng, Setting(WIDTH, HEIGHT))
            model = compile_world(world, spec)
            data = renderer.load(model)
            set_joints(world, model, data)
            view = choose_view(rng, renderer, focuses, WIDTH, HEIGHT, bool(world.parts))
            for frame in range(FRAMES // (2 if kind == "cut" else 1)):
                if kind == "opened" and frame == FRAMES // 2:
                    for motion in (motion for p in world.parts for motion in p.motions.values()):
                        motion.joint.value = motion.stop
                    set_joints(world, model, data)
                if kind == "moving":
                    distance = np.linalg.norm(view.pose[:3, 3] - focuses[0].center)
                    pose = view.pose.copy()
                    pose[:3, 3] += 0.006 * distance * (frame - FRAMES / 2) * view.pose[:3, 0]
                    yield renderer.image(replace(view, pose=pose))
                    continue
                if frame in (0, FRAMES // 2):
                    image = renderer.image(view)
                yield image
    finally:
        renderer.close()


def disturbed(image: Image, rng: np.random.Generator) -> Image:
    """The image as a cheap camera on a shaking arm sees it."""
    shift = np.array([[1, 0, rng.normal(0, SHAKE)], [0, 1, rng.normal(0, SHAKE)]])
    shaken = cv2.warpAffine(image, shift, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT).astype(np.float32)
    noisy = shaken * (1 + rng.normal(0, FLICKER)) + rng.normal(0, NOISE, image.shape)
    return np.asarray(noisy.clip(0, 255), np.uint8)


def best(prediction: Prediction, threshold: float) -> Places:
    """(A, 2) the first point of every action that is probable enough; NaN without one."""
    probable = [point for point in prediction.points if point.probability >= threshold]
    first = {point.action: (point.x, point.y) for point in reversed(probable)}
    return np.array([first.get(action, (np.nan, np.nan)) for action in prediction.actions])


def jumps(places: Places) -> tuple[int, int, float, float]:
    """Of (frames, A, 2): steps of more than JUMP pixels; steps in which a point comes or goes; root mean square of the
    steps, and of the distances from the median place."""
    steps = np.linalg.norm(np.diff(places, axis=0), axis=2)
    shown = np.isfinite(places[..., 0])
    seen = places[:, shown.any(axis=0)]
    off = np.linalg.norm(seen - np.nanmedian(seen, axis=0), axis=2) if seen.size else np.zeros(1)
    toggles = int((shown[1:] != shown[:-1]).sum())
    return int((steps > JUMP).sum()), toggles, _root_mean_square(steps), _root_mean_square(off)


def _root_mean_square(values: Places) -> float:
    known = values[np.isfinite(values)]
    return float(np.sqrt((known**2).mean())) if known.size else 0.0


def delays(places: Places, raw: Places, truth: Places) -> list[int]:
    """Of actions whose place changes half-way: frames until the new one is reported, 1 for at once."""
    half, found = FRAMES // 2, []
    for action in range(truth.shape[1]):
        old, new = truth[0, action], truth[-1, action]
        is_stable = np.mean(np.linalg.norm(raw[half:, action] - new, axis=1) < JUMP) >= 0.8
        was_stable = np.mean(np.linalg.norm(raw[:half, action] - old, axis=1) < JUMP) >= 0.8
        if is_stable and was_stable and np.linalg.norm(new - old) > MOVED:
            there = np.linalg.norm(places[half:, action] - new, axis=1) < JUMP
            found.append(int(np.argmax(there)) + 1 if there.any() else FRAMES)
    return found


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", default="still,opened,cut,moving")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(8)))
    parser.add_argument("--smoothing", type=float, nargs="+", default=[0.0, StabilitySettings.smoothing])
    parser.add_argument("--probability-threshold", type=float, default=0.0, help="as the node's, 0.2 by default")
    parser.add_argument("--hysteresis", type=float, nargs="+", default=[0.0, StabilitySettings.hysteresis])
    args = parser.parse_args()
    predictor = HotspotPredictor(precision="auto")
    threshold = args.probability_threshold
    settings = [StabilitySettings(s, h) for s, h in zip(args.smoothing, args.hysteresis, strict=True)]
    for kind in args.kinds.split(","):
        rows: dict[StabilitySettings, list[tuple[float, ...]]] = {one: [] for one in settings}
        waits: dict[StabilitySettings, list[int]] = {one: [] for one in settings}
        seconds = []
        for seed in args.seeds:
            rng = np.random.default_rng(1000 + seed)
            clean = list(clean_frames(kind, seed))
            noisy = [disturbed(image, rng) for image in clean]
            known: dict[bytes, Places] = {}
            for image in clean:
                if image.tobytes() not in known:
                    known[image.tobytes()] = best(predictor.predict(image), threshold)
            truth = np.array([known[image.tobytes()] for image in clean])
            predictions = [predictor.predict(image) for image in noisy]
            raw = np.array([best(prediction, threshold) for prediction in predictions])
            for one in settings:
                stabilizer, probable, places = Stabilizer(), ProbableTracks(), []
                for number, (image, prediction) in enumerate(zip(noisy, predictions, strict=True)):
                    began = time.perf_counter()
                    stable = stabilizer.update(prediction, image, number * PERIOD, one)
                    stable = probable.of(stable, threshold, one.hysteresis)
                    seconds.append(time.perf_counter() - began)
                    places.append(best(stable.prediction, 0.0))
                off = np.linalg.norm(np.array(places) - truth, axis=2)
                off = off[np.isfinite(off)]
                rows[one].append((*jumps(np.array(places)), float(off.mean()), float((off > JUMP).mean())))
                waits[one] += delays(np.array(places), raw, truth)
        for one in settings:
            print(
                f"{kind}: smoothing {one.smoothing}, hysteresis {one.hysteresis}: "
                f"jumps {[int(row[0]) for row in rows[one]]}"
            )
            total, mean = sum(r[0] for r in rows[one]), np.mean(rows[one], axis=0)
            print(
                f"  {total:.0f} jumps, {sum(r[1] for r in rows[one]):.0f} comings and goings, "
                f"rms step {mean[2]:.1f} px, rms {mean[3]:.1f} px, off the truth {mean[4]:.1f} px, "
                f"more than {JUMP:.0f} px off {mean[5]:.3f}; "
                f"frames until the new place {sorted(waits[one])}"
            )
        print(f"  {1000 * float(np.median(seconds)):.2f} ms a frame")


if __name__ == "__main__":
    main()

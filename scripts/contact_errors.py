"""How far contact frames are off on parts of known geometry, and what they cost: python scripts/contact_errors.py

The parts are those of test/ros/contact_scenes.py. Needs MuJoCo and the built package ('source env.sh').
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "test" / "ros"))

from contact_scenes import CAMERA, SCENES, ContactScene, as_measured, pixel_of

from hotspot_ros.positions.anchors import anchors
from hotspot_ros.positions.contacts import contacts
from hotspot_ros.positions.depth import DepthImage

RADIUS = 7.6


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=60, help="of each kind (60)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    print("median (90th percentile)   found  normal, deg   long axis, deg  width, mm      width, %       good widths")
    for name, stereo in (("exact", None), ("noise", False), ("noise, holes, mixed pixels", True)):
        rng = np.random.default_rng(args.seed)
        rows = {kind: [_errors(rng, make(rng), stereo) for _ in range(args.scenes)] for kind, make in SCENES.items()}
        for kind, errors in (*rows.items(), ("all", [row for kind_rows in rows.values() for row in kind_rows])):
            _print(f"{name}: {kind}", np.array(errors))
    _time(np.random.default_rng(args.seed))


def _errors(rng: np.random.Generator, scene: ContactScene, stereo: bool | None) -> list[float]:
    """Degrees, degrees, metres and a fraction; NaN where there is no frame, axis or width."""
    pixel = pixel_of(rng, scene)
    exact = stereo is None
    depth = (
        DepthImage(scene.depth.astype(np.float32), 1.0)
        if exact
        else DepthImage(as_measured(rng, scene.depth, bool(stereo)), 0.001)
    )
    contact = contacts(depth, CAMERA, anchors(depth, pixel[None], RADIUS).pixels, np.ones(2))
    if not contact.found[0]:
        return [np.nan] * 4
    axes = contact.axes[0]
    normal = _degrees(axes[:, 0], scene.normal_at(pixel))
    axis = np.nan if scene.axis is None else _degrees(axes[:, 2], scene.axis)
    off = abs(contact.widths[0] - scene.width) if np.isfinite(scene.width) else np.nan
    return [normal, axis, off, off / scene.width]


def _degrees(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(abs(one @ other), 0, 1))))


def _print(name: str, errors: np.ndarray) -> None:
    cells = []
    for column, factor in zip(errors.T, (1, 1, 1000, 100), strict=True):
        known = factor * column[~np.isnan(column)]
        cells.append(f"{np.median(known):5.1f} ({np.percentile(known, 90):5.1f})" if len(known) else f"{'':13}")
    known = errors[~np.isnan(errors[:, 2])]
    good = f"{((known[:, 2] < 0.005) | (known[:, 3] < 0.15)).mean():.2f}" if len(known) else ""
    print(f"{name:34} {np.isfinite(errors[:, 0]).mean():.2f}  " + "  ".join(cells), good)


def _time(rng: np.random.Generator) -> None:
    """Processor time, which other programs do not stretch by taking turns."""
    scene = SCENES["bar"](rng)
    depth = DepthImage(as_measured(rng, scene.depth), 0.001)
    for number in (1, 10, 20, 30):
        pixels = rng.uniform(20, len(scene.depth) - 20, (number, 2))
        taken = []
        for _ in range(200):
            began = time.thread_time()
            contacts(depth, CAMERA, anchors(depth, pixels, RADIUS).pixels, np.ones(2))
            taken.append(time.thread_time() - began)
        print(f"{number} points at different places: {1000 * np.median(taken):.2f} ms (least {1000 * min(taken):.2f})")


if __name__ == "__main__":
    main()

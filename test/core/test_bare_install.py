"""Without the extras: every command says in one line what to install, or does what needs none of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

# What comes with no extra is numpy, OpenCV, safetensors and rich.
BROUGHT_BY_EXTRAS: tuple[str, ...] = ("torch", "torchvision", "lightning", "jsonargparse", "torchmetrics", "av")
BROUGHT_BY_EXTRAS += ("jinja2", "matplotlib", "huggingface_hub", "ray", "pyarrow", "h5py", "scipy")
BROUGHT_BY_EXTRAS += ("onnx", "onnxscript", "onnxruntime", "openvino", "mujoco", "rosbags", "yaml", "tensorboard")
# Module -> the extra that its line names; None where the help is shown.
COMMANDS = {
    "train": "train",
    "train_affordances": "train",
    "evaluate": "torch",
    "export": "export",
    "convert": "torch",
    "benchmark": "torch",
    "experiments.study": "train",
    "experiments.table": "train",
    "experiments.train_baseline": "train",
    "predict": None,
    "calibrate": None,
    "annotate": None,
    "experiments.splits": None,
    "data.synthetic": None,
    "data.rendered": None,
}
# Runs modules one after the other with --help; their exit statuses and what they say on both outputs, as JSON.
SCRIPT = """
import contextlib, io, json, runpy, sys
commands, missing, arguments = json.loads(sys.argv[1])
for name in missing:
    sys.modules[name] = None
found = {}
for command in commands:
    sys.argv = [command, *arguments]
    output, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
        try:
            runpy.run_module("hotspot_core." + command, run_name="__main__")
        except SystemExit as end:
            found[command] = [end.code or 0, output.getvalue(), errors.getvalue()]
print(json.dumps(found))
"""


def run_all(commands: list[str], missing: tuple[str, ...], arguments: list[str]) -> dict[str, tuple[int, str, str]]:
    given = json.dumps([commands, missing, arguments])
    result = subprocess.run([sys.executable, "-c", SCRIPT, given], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    found: dict[str, tuple[int, str, str]] = json.loads(result.stdout)
    return found


def test_every_help_is_shown_or_names_the_extra() -> None:
    """No traceback: the help with status 0, or one line with the remedy and status 2."""
    found = run_all(list(COMMANDS), BROUGHT_BY_EXTRAS, ["--help"])
    for command, extra in COMMANDS.items():
        status, output, errors = found[command]
        if extra is None:
            assert (status, errors) == (0, ""), command
            assert output.startswith("usage: "), command
        else:
            assert status == 2, command
            assert errors.splitlines()[-1].endswith(f"pip install '.[{extra}]' in the repository"), command
            assert len(errors.splitlines()) == 1, errors


def test_what_needs_no_videos_goes_without_pyav() -> None:
    """The evaluation, too, which only looks at images."""
    found = run_all(["evaluate", "predict", "calibrate"], ("av",), ["--help"])
    assert {command: result[0] for command, result in found.items()} == dict.fromkeys(found, 0)


def test_a_video_without_pyav_is_one_line(tmp_path: Path) -> None:
    """Its absence is told when something is asked of it."""
    (tmp_path / "clip.mp4").write_bytes(b"something")
    script = "import sys; sys.modules['av'] = None; from hotspot_core.media.video import probe; probe(sys.argv[1])"
    command = [sys.executable, "-c", script, str(tmp_path / "clip.mp4")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.stderr.splitlines()[-1].startswith("hotspot_core.errors.InputError: videos need PyAV: pip install")

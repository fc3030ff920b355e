"""Imports run one way: a module knows what lies beneath it, and nothing beside or above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# From the ground up. Those in one row know nothing of each other.
LAYERS = {
    "hotspot_core": (
        ("errors",),
        ("utils",),
        ("media", "model"),
        ("hotspots",),
        ("inference", "tracking"),
        ("data", "cluster"),
        ("evaluation",),
        ("training", "baselines", "annotation"),
        ("experiments", "benchmarks"),
        (
            "train",
            "train_affordances",
            "calibrate",
            "evaluate",
            "predict",
            "export",
            "convert",
            "benchmark",
            "annotate",
            "share",
        ),
        ("commands",),
    ),
    "hotspot_core.data.synthetic": (
        ("engine",),
        ("assets",),
        ("scene",),
        ("clip",),
        ("writer",),
        ("__main__",),
    ),
    "hotspot_core.data.readers": (
        ("reader",),
        ("released", "agd20k", "coco", "epic_layout", "part_masks", "task_verbs"),
        ("epic_tables", "lerobot"),
        ("epic", "opra"),
        ("release_output",),
        ("registry",),
    ),
    "hotspot_core.data.rendered": (
        ("poses", "textures", "lens"),
        ("shapes", "materials", "renderer"),
        ("plates", "world", "camera", "lighting"),
        ("registry", "handles", "hand", "model", "annotation"),
        ("openings", "controls", "vessels", "catalog"),
        ("appliances", "consoles", "containers", "decor", "doors", "furniture", "layout", "office", "switches"),
        ("things", "tools"),
        ("boxes", "fittings", "household", "small_appliances", "utensils", "windows"),
        ("bathroom", "kitchens"),
        ("scene",),
        ("still",),
        ("clip",),
        ("writer",),
        ("__main__",),
    ),
    "hotspot_ros": (
        ("ros",),
        ("conversions",),
        ("positions",),
        ("outputs", "player"),
        ("pipeline", "simulation"),
        ("node",),
        ("main", "demo", "camera_player", "closed_loop"),
    ),
}
ROS = ("rclpy", "tf2_ros", "launch", "ament_index_python", "builtin_interfaces", "rcl_interfaces", "hotspot_ros")


@cache
def modules() -> dict[str, Path]:
    """Every module of both packages by its name; a package's is that of its `__init__.py`."""
    files = [path for package in ("hotspot_core", "hotspot_ros") for path in (ROOT / package).rglob("*.py")]
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


@cache
def imports() -> dict[str, frozenset[str]]:
    """Module -> what it imports, at its top or within a function: modules of ours whole, others as they are named."""
    return {name: frozenset(_imported(path)) for name, path in modules().items()}


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in modules() else str(node.module)


def _unit(package: str, module: str) -> str | None:
    """The part of a package that a module belongs to; None where it is outside of it, or the package itself."""
    return module.removeprefix(f"{package}.").split(".")[0] if module.startswith(f"{package}.") else None


@pytest.mark.parametrize("package", LAYERS)
def test_imports_run_down(package: str) -> None:
    """1. Every part of the package has a layer, and every layer exists. 2. Modules import only what lies beneath them
    or in the same part; the package's own door is for users."""
    height = {unit: number for number, layer in enumerate(LAYERS[package]) for unit in layer}
    assert {_unit(package, module) for module in modules()} - {None} == set(height)
    upwards = []
    for module in modules():
        source = _unit(package, module)
        if source is None:
            continue
        for imported in imports()[module]:
            target = _unit(package, imported)
            beneath = target in (None, source) or height.get(str(target), -1) < height[source]
            if imported == package or not beneath:
                upwards.append(f"{module} -> {imported}")
    assert not upwards, "\n".join(sorted(upwards))


def test_a_class_name_has_one_meaning() -> None:
    """No two public classes of the two packages share a name."""
    places: dict[str, list[str]] = {}
    for module, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(module)
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_there_are_no_cycles() -> None:
    """Modules can be put into an order in which each imports only earlier ones."""
    ours = {name: {other for other in imports()[name] if other in modules()} for name in modules()}
    ours.pop("hotspot_core")  # the public door, which imports on first use
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_the_library_never_imports_ros() -> None:
    """Nothing of hotspot_core, at its top or within a function."""
    found = [
        f"{module} -> {name}"
        for module in modules()
        if module.startswith("hotspot_core")
        for name in imports()[module]
        if name.split(".")[0] in ROS or name.split(".")[0].endswith("_msgs")
    ]
    assert not found


def test_the_node_never_does_deep_learning() -> None:
    """hotspot_ros imports neither networks nor what learns and scores: it predicts by the predictor alone. Only the
    thread of the model imports PyTorch, to ask for the GPU's memory, and the simulation compares with saliency."""
    beyond = ("torch", "torchvision", "onnxruntime", "lightning")
    upper = tuple(f"hotspot_core.{room}" for room in ("model", "training", "evaluation", "baselines", "experiments"))
    found = {
        f"{module} -> {name}"
        for module in modules()
        if module.startswith("hotspot_ros")
        for name in imports()[module]
        if name.split(".")[0] in beyond or name.startswith(upper)
    }
    assert found <= {
        "hotspot_ros.pipeline.model_thread -> torch",
        "hotspot_ros.simulation.methods -> hotspot_core.baselines.saliency",
    }

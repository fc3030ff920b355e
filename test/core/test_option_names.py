"""One name for one thing: the options of all commands, read from their sources."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
# The name of a thing -> what it must not be called instead.
NAMES = {
    "--checkpoint": {"--model", "--weights", "--network", "--ckpt"},
    "--annotations": {"--annotation", "--labels", "--ground-truth"},
    "--output": {"--out", "--folder", "--destination", "--output-dir", "--save"},
    "--actions": {"--action", "--verbs"},
    "--objects": {"--object", "--nouns"},
    "--action-counts": {"--n-actions"},
    "--device": {"--accelerator", "--gpu", "--cuda"},
    "--precision": {"--dtype"},
    "--runtime": {"--backend"},
    "--runtimes": {"--backends"},
    "--workers": {"--processes", "--jobs", "--num-workers"},
    "--quiet": {"--no-progress", "--silent"},
    "--fps": {"--rate", "--frame-rate"},
    "--seed": {"--random-seed"},
    "--clips": {"--videos"},
}
# How commands call what adds an option to a parser.
ADDING = ("add_argument", "add", "constant")
# Options that take more than one kind of value, as what they mean is another thing for one of the commands.
SEVERAL_KINDS = {
    "--clips": "a number where clips are drawn, a table where they are read",
    "--size": "rendered images have a width and a height, all others are squares",
}


def options() -> dict[str, dict[str, str]]:
    """Option -> command's file -> the kind of its value as it is written."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for package in ("hotspot_core", "hotspot_ros"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ADDING:
                    name = getattr(node.args[0], "value", None) if node.args else None
                    if isinstance(name, str) and name.startswith("--"):
                        found[name][str(path.relative_to(ROOT))] = kind(node)
    return found


def kind(call: ast.Call) -> str:
    """ "flag", or what makes a value of the text; comma lists are one kind, wherever the text is cut."""
    keywords = {keyword.arg: keyword.value for keyword in call.keywords}
    if "action" in keywords:
        return ast.unparse(keywords["action"])
    text = ast.unparse(keywords["type"]) if "type" in keywords else "str"
    return {"Path": "str", "command_line.comma_list": "comma_list"}.get(text, text)


def test_no_thing_has_a_second_name() -> None:
    """1. The table's names are in use. 2. None of the others is."""
    used = options()
    assert set(NAMES) <= set(used)
    wrong = {name: sorted(used[name]) for others in NAMES.values() for name in others if name in used}
    assert not wrong


def test_a_name_means_one_thing() -> None:
    """An option that several commands have takes the same kind of value in all of them, but for what is listed."""
    kinds = {name: set(files.values()) for name, files in options().items()}
    several = {name for name, found in kinds.items() if len(found) > 1}
    assert several - set(SEVERAL_KINDS) == set()

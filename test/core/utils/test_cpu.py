"""What the system tells of the processor."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hotspot_core.utils import cpu

TEXT = "processor\t: 0\nmodel name\t: A CPU: new\nflags\t\t: fpu avx2 {}\n\nprocessor\t: 1\nmodel name\t: Other\n"


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    cpu._first_processor.cache_clear()
    yield
    cpu._first_processor.cache_clear()


@pytest.mark.parametrize(("flag", "expected"), [("avx512_bf16", True), ("amx_bf16 amx_tile", True), ("avx512f", False)])
def test_bfloat16_units_are_told_by_their_flags(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: str, expected: bool
) -> None:
    """Of the first processor, as Linux writes it."""
    monkeypatch.setattr(cpu, "_CPU_INFO", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text(TEXT.format(flag))
    assert cpu.cpu_name() == "A CPU: new"
    assert cpu.cpu_flags() == {"fpu", "avx2", *flag.split()}
    assert cpu.has_bf16_units() is expected


def test_other_systems_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no such file, nothing is known and nothing fails."""
    monkeypatch.setattr(cpu, "_CPU_INFO", tmp_path / "missing")
    assert (cpu.cpu_name(), cpu.cpu_flags(), cpu.has_bf16_units()) == ("", frozenset(), False)

"""PyAV, which the extra `video` brings. Where it is missing, the first thing that is asked of it is refused in one
line: what needs no videos goes without it."""

from __future__ import annotations

from typing import Any, NoReturn

from hotspot_core.errors import InputError


class _Missing:
    """Stands for PyAV where it is not installed."""

    def __getattr__(self, name: str) -> NoReturn:
        raise InputError("videos need PyAV: pip install '.[video]' in the repository, or pip install 'av>=15'")


av: Any
try:
    import av
    import av.video.reformatter
except ModuleNotFoundError:
    av = _Missing()

"""The way of the blocks through Ray Data: readers -> predictors -> this process."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hotspot_core.cluster.blocks import MAX_BYTES, BlockResult, WorkItem, blocks_of
from hotspot_core.cluster.connection import ray_library
from hotspot_core.cluster.worker import BlockPredictor, WorkerConfig
from hotspot_core.errors import InputError

# Shares of a CPU. A reader takes little beside a predictor, and both fit on a node with one CPU.
READER_CPUS, PREDICTOR_CPUS = 0.1, 0.9
# Tasks that Ray is told of at a time, whatever the number of items.
MAX_TASKS = 1000

Batch = dict[str, Any]


def predicted(items: Sequence[WorkItem], model: Path, config: WorkerConfig) -> Iterator[BlockResult]:
    """The results of all blocks in the order in which they come, each once, though workers or nodes are lost.

    Blocks wait in Ray's object store, and it halts those who make them where nobody takes them.

    Args:
        items: what to predict.
        model: its file.
        config: how.

    Raises:
        InputError: a worker cannot use the model or a setting.
        Exception: what else a worker raises that is not due to one of the inputs, as Ray's RayTaskError.
    """
    ray = ray_library()
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = MAX_BYTES
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    rows = [{"item": pickle.dumps(item)} for item in items]
    data = ray.data.from_items(rows, override_num_blocks=min(len(rows), MAX_TASKS))
    data = data.map_batches(_read, batch_size=1, num_cpus=READER_CPUS)
    gpus = {"num_gpus": 1} if config.device.startswith("cuda") else {}
    data = data.map_batches(
        _Predict,
        fn_constructor_args=(ray.put(model.read_bytes()), config),
        batch_size=1,
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=_workers(ray, bool(gpus))),
        num_cpus=PREDICTOR_CPUS,
        **gpus,
    )
    try:
        for row in data.iter_rows():
            yield pickle.loads(row["result"])
    except InputError as error:
        # Ray's has the worker's as its cause, and pages of text.
        raise InputError(f"a worker of the cluster: {getattr(error, 'cause', error)}") from error


def _workers(ray: Any, on_gpus: bool) -> int:
    return max(1, int(ray.cluster_resources().get("GPU" if on_gpus else "CPU", 1)))


def _read(batch: Batch) -> Iterator[Batch]:
    for item in batch["item"]:
        for block in blocks_of(pickle.loads(item)):
            yield _row("block", block)


class _Predict:
    def __init__(self, model: Any, config: WorkerConfig) -> None:
        import ray

        self._predict = BlockPredictor(ray.get(model), config)

    def __call__(self, batch: Batch) -> Iterator[Batch]:
        for block in batch["block"]:
            yield _row("result", self._predict(pickle.loads(block)))


def _row(name: str, content: object) -> Batch:
    # An array of bytes by itself would lose zeros at their end.
    column = np.empty(1, object)
    column[0] = pickle.dumps(content)
    return {name: column}

"""Lightning's way to start a run, from arguments or from data, with the output folder, resuming, and names that come
from the data."""

from __future__ import annotations

import re
import signal
import sys
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from jsonargparse import ArgumentError, Namespace
from lightning import LightningDataModule, LightningModule
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from hotspot_core.errors import InputError
from hotspot_core.inference.precision import supported_precisions
from hotspot_core.training.affordance_data import AffordanceData
from hotspot_core.training.affordance_training import AffordanceTraining
from hotspot_core.training.callbacks import (
    GO_ON,
    CountReplacements,
    DrawHotspots,
    KeepPooledFrames,
    MeasureLoading,
    SaveModel,
    StopOnNaN,
)
from hotspot_core.training.clip_data import ClipData
from hotspot_core.training.hotspot_training import HotspotTraining
from hotspot_core.training.interruption import SaveOnSignal, Stopped
from hotspot_core.training.recipes import with_recipe_paths
from hotspot_core.training.run_files import LAST_CHECKPOINT, MODEL
from hotspot_core.utils.command_line import Terminated, interrupted_by_sigterm
from hotspot_core.utils.memory import keep_freed_memory

BEFORE_THE_FIRST_STEP = "SIGTERM: ended before a step; what was saved before is as it was"
# Of Lightning's checkpoints.
CHECKPOINT_PARTS = ("state_dict", "optimizer_states", "lr_schedulers", "loops", "epoch", "global_step")
# A frozen backbone stays in eval mode, `ClipData` goes on in the middle of an epoch, validation is optional, and
# arguments are passed on.
HARMLESS = (
    "LightningCLI's args parameter is intended",
    r"Found \d+ module\(s\) in eval mode",
    ".*your dataloader is not resumable",
    ".*exists and is not empty",
    "Total length of .* across ranks is zero",
)


def run_command(arguments: Sequence[str] | Mapping[str, Any], description: str | None = None) -> None:
    """Do what the training command does.

    Args:
        arguments: of a command line, or as data: {"subcommand": "fit", "fit": {"model": {...}, ...}}.
        description: for `--help`.

    Raises:
        InputError: bad input; the text names it.
        KeyboardInterrupt, SystemExit: Ctrl-C or, with the status 143, SIGTERM, after the run's state is saved.
    """
    _run(TrainCommand, HotspotTraining, ClipData, arguments, description)


def run_affordance_command(arguments: Sequence[str] | Mapping[str, Any], description: str | None = None) -> None:
    """Do what the command `train_affordances` does; see `run_command`."""
    _run(TrainAffordancesCommand, AffordanceTraining, AffordanceData, arguments, description)


def _run(
    command: type[TrainCommand],
    module: type[LightningModule],
    data: type[LightningDataModule],
    arguments: Sequence[str] | Mapping[str, Any],
    description: str | None,
) -> None:
    for harmless in HARMLESS:
        warnings.filterwarnings("ignore", harmless)
    keep_freed_memory()
    try:
        # Until the first step; then the run itself looks after signals.
        with interrupted_by_sigterm():
            command(
                module,
                data,
                args=dict(arguments) if isinstance(arguments, Mapping) else with_recipe_paths(arguments),
                seed_everything_default=0,
                save_config_kwargs={"overwrite": True},
                trainer_defaults={
                    "reload_dataloaders_every_n_epochs": 1,
                    "use_distributed_sampler": False,  # the data modules distribute their batches
                    "log_every_n_steps": 10,
                },
                parser_kwargs={"description": description},
            )
    except Terminated:
        print(BEFORE_THE_FIRST_STEP, file=sys.stderr)
        raise
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        if stopped.number == signal.SIGINT:
            raise KeyboardInterrupt from stopped
        raise SystemExit(128 + stopped.number) from stopped
    except SystemExit as end:
        # What Lightning makes of a Ctrl-C before the first step.
        if isinstance(end.__context__, Terminated):
            print(BEFORE_THE_FIRST_STEP, file=sys.stderr)
            raise Terminated from end
        if isinstance(end.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from end
        raise
    except ArgumentError as error:
        help_command = f"python -m hotspot_core.{command.VERB} fit --help"
        raise InputError(f"{_one_line(str(error))}; {help_command} lists what there is") from error


class TrainCommand(LightningCLI):
    """See the module."""

    VERB = "train"

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Lightning's, but those that there is nothing for: `evaluate` and `predict` are commands of their own."""
        return {name: skipped for name, skipped in LightningCLI.subcommands().items() if name in ("fit", "validate")}

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        """One that raises what is wrong; argparse would end the process after pages of usage."""
        return super().init_parser(**kwargs, exit_on_error=False)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        self.add_run_arguments(parser)
        parser.link_arguments("data.actions", "model.actions", apply_on="instantiate")
        parser.link_arguments("data.objects", "model.objects", apply_on="instantiate")
        parser.link_arguments("data.has_keypoints", "model.has_keypoints", apply_on="instantiate")

    @staticmethod
    def add_run_arguments(parser: LightningArgumentParser) -> None:
        """The options that every run has."""
        parser.add_argument("--output", type=Path, default=Path("runs/latest"), help="folder of the run")
        parser.add_argument("--resume", action="store_true", help="go on from the run's last checkpoint")

    def before_instantiate_classes(self) -> None:
        """Nothing may be found wrong after hours: the folder is made, and the checkpoint sought, first."""
        _avoid_emulated_bf16(self.config[self.subcommand].trainer)
        if self.subcommand != "fit":
            return
        options = self.config.fit
        last = options.output / LAST_CHECKPOINT
        try:
            options.output.mkdir(parents=True, exist_ok=True)
            (options.output / ".writable").touch()
            (options.output / ".writable").unlink()
        except OSError as error:
            raise InputError(f"output folder {str(options.output)!r} cannot be written: {error}") from error
        if options.resume:
            if not last.is_file():
                raise InputError(f"nothing to resume: {str(last)!r} does not exist; start without --resume")
            _check_checkpoint(last)
            options.ckpt_path = str(last)
        elif last.is_file():
            raise InputError(
                f"{str(options.output)!r} holds a run already: go on with --resume or name another --output"
            )

    def _run_subcommand(self, subcommand: str) -> None:
        if subcommand == "validate" and getattr(self.datamodule, "validation", None) is None:
            raise InputError("validate: there are no annotated images to score: name them with --data.validation")
        try:
            super()._run_subcommand(subcommand)
        except OSError as error:
            if subcommand != "fit":
                raise
            output = str(self.config.fit.output)
            raise InputError(f"the run in {output!r} cannot write: {error.strerror or error}; {GO_ON}") from error
        except RuntimeError as error:
            if subcommand != "fit" or not self.config.fit.resume or "in loading state_dict" not in str(error):
                raise
            last = str(self.config.fit.output / LAST_CHECKPOINT)
            raise InputError(
                f"checkpoint {last!r} is of another model: resume with the settings that the run began with"
            ) from error

    def instantiate_trainer(self, **settings: Any) -> Any:
        if self.subcommand == "fit":
            options = self.config.fit
            own = self.config_init.fit.trainer.callbacks or []
            logging = [] if options.trainer.logger is False else [LearningRateMonitor("step")]
            settings["callbacks"] = [
                *self.callbacks(),
                *logging,
                StopOnNaN(),
                *own,
                self._save_on_signal(),
            ]
            settings["default_root_dir"] = options.output
        return super().instantiate_trainer(**settings)

    def _save_on_signal(self) -> SaveOnSignal:
        options = self.config.fit
        return SaveOnSignal(options.output / LAST_CHECKPOINT if _keeps_checkpoints(options) else None)

    def callbacks(self) -> list[Callback]:
        """What measures, saves and shows."""
        return [*self.saving_callbacks(), KeepPooledFrames(), DrawHotspots()]

    def saving_callbacks(self) -> list[Callback]:
        """What measures, counts and saves, whatever is learned."""
        options = self.config.fit
        configuration = {name: _plain(getattr(options, name)) for name in ("model", "data", "trainer")}
        last = ModelCheckpoint(dirpath=options.output, filename="last", save_top_k=1, enable_version_counter=False)
        return [
            MeasureLoading(),
            CountReplacements(),
            *([last] if _keeps_checkpoints(options) else []),
            SaveModel(options.output / MODEL, configuration),
        ]


class TrainAffordancesCommand(TrainCommand):
    """The same for `AffordanceTraining`."""

    VERB = "train_affordances"

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        self.add_run_arguments(parser)
        parser.link_arguments("data.actions", "model.actions")

    def callbacks(self) -> list[Callback]:
        return self.saving_callbacks()


def _keeps_checkpoints(options: Namespace) -> bool:
    return options.trainer.enable_checkpointing is not False


def _avoid_emulated_bf16(trainer: Namespace) -> None:
    """Takes float32 where a CPU would have to emulate bfloat16, which is slow, and impossible for the LSTM."""
    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    on_cpu = trainer.accelerator == "cpu" or (trainer.accelerator == "auto" and not gpu)
    precision = str(trainer.precision)
    if on_cpu and precision.startswith("bf16") and "bf16" not in supported_precisions(torch.device("cpu")):
        trainer.precision = "32-true"
        print(f"trainer.precision: this CPU has no bfloat16 units: 32-true is used, not {precision}", file=sys.stderr)


def _check_checkpoint(path: Path) -> None:
    """InputError where a run cannot go on from its checkpoint, as it is damaged. Tensors are not read for that."""
    reason = "is damaged"
    try:
        if zipfile.is_zipfile(path):
            contents = torch.load(path, map_location="cpu", mmap=True, weights_only=False)
            missing = [name for name in CHECKPOINT_PARTS if name not in contents]
            if not missing:
                return
            reason = f"lacks {', '.join(missing)}"
    except Exception as error:  # what a damaged pickle raises has no common base
        reason += f" ({str(error).partition(chr(10))[0]})"
    raise InputError(f"checkpoint {str(path)!r} {reason}: remove it and start without --resume")


def _one_line(message: str) -> str:
    """What jsonargparse says of an option: which, what it has to be, and what it was."""
    lines = [line.strip().removeprefix("- ") for line in message.splitlines()]
    details = [line for line in lines if line and not line.startswith(("Does not validate", "Subtypes:", "Errors:"))]
    text = "; ".join(line for line in details if not line.startswith("Given value type:"))
    text = re.sub(r'^Parser key "([^"]+)":;?', r"option '\1':", text)
    return re.sub(r"<class '([^']+)'>", r"\1", text).rstrip(".")


def _plain(value: Any) -> Any:
    """A part of the configuration as JSON can hold it."""
    if isinstance(value, Namespace):
        return {name: _plain(item) for name, item in value.as_dict().items()}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)

"""What a training run reports: lines for people, the same as CSV and for TensorBoard."""

from __future__ import annotations

import csv
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from encoded_text.common.files import replacing
from single_net.common.device import memory_in_use
from single_net.evaluation.teacher_comparison import WORDS
from single_net.inference.run_files import CURVES, LOG
from single_net.training.curves import draw_curves
from single_net.training.log_file import FIELDS, read_log
from single_net.training.state import Progress

SECONDS, SHARE = 10.0, 0.01  # between two lines: ten seconds, or one percent of the time a long run has taken


class RunLog:
    """Writes log.csv, tensorboard/ and lines on stderr.

    A resumed run drops the lines beyond its step, and scores it will measure again: log.csv reports nothing twice.

    Args:
        run: the run's folder.
        progress: from which the run goes on.
        steps: of the whole training.
        device: whose memory is reported.
        weights: of the terms of the loss by name, for the curves, see `draw_curves`.
    """

    def __init__(
        self, run: Path, progress: Progress, steps: int, device: torch.device, weights: Mapping[str, float]
    ) -> None:
        self._path, self._steps, self._device, self._weights = run / LOG, steps, device, weights
        step = progress.step
        kept = [row for row in read_log(self._path) if int(row["step"]) <= step] if step else []
        kept = [row for row in kept if not row["val_rsum"] or progress.was_scored(int(row["step"]))]
        with replacing(self._path) as temporary, open(temporary, "w", newline="") as file:
            writer = csv.DictWriter(file, FIELDS)
            writer.writeheader()
            writer.writerows(kept)
        self._board = _tensorboard(run / "tensorboard", step)
        self._began = self._last = time.monotonic()
        self._last_seconds, self._last_samples = progress.seconds, progress.samples
        self._idle = 0.0  # seconds that are not spent in training steps, as of validation
        self._first_step, self._written = step, False

    def due(self, now: float) -> bool:
        """Whether it is time for a line, given time.monotonic(); the first one comes at once."""
        return not self._written or now - self._last >= max(SECONDS, SHARE * (now - self._began))

    def write(
        self,
        step: int,
        *,
        epoch: float,
        rate: float,
        samples: int,
        seconds: float,
        losses: dict[str, float],
    ) -> None:
        """A line of training.

        Args:
            step, epoch: done so far.
            rate: learning rate of the step.
            samples, seconds: since the beginning of the run.
            losses: the loss and its terms by name.
        """
        now = time.monotonic()
        took = seconds - self._last_seconds
        self._idle += max(0.0, now - self._last - took)
        speed = (samples - self._last_samples) / max(took, 1e-9)
        row: dict[str, Any] = {
            "step": step,
            "epoch": f"{epoch:.3f}",
            "learning_rate": f"{rate:.3g}",
            "samples": samples,
        }
        row |= {"seconds": f"{seconds:.1f}", "samples_per_second": f"{speed:.1f}"}
        row |= {"memory_gib": f"{memory_in_use(self._device) / 2**30:.2f}"}
        row |= {name: f"{value:.5g}" for name, value in losses.items()}
        self._append(row)
        scalars = {"loss/total" if name == "loss" else f"loss/{name}": value for name, value in losses.items()}
        self._show(step, scalars | {"learning_rate": rate, "samples_per_second": speed})
        done = step - self._first_step
        left = (self._steps - step) * (now - self._began - self._idle) / done
        said = "  ".join(f"{name} {value:.4g}" for name, value in losses.items())
        self._say(
            f"step {step}/{self._steps}  epoch {epoch:.2f}  {said}  rate {rate:.2g}  {speed:.1f} samples/s  "
            f"{_duration(left)} left  {row['memory_gib']} GiB"
        )
        self._last, self._last_samples, self._last_seconds, self._written = now, samples, seconds, True

    def scores(self, entry: dict[str, Any]) -> None:
        """A line of scores, of an entry of the run's history, see `Progress`."""
        step, rsum = entry["step"], {}
        galleries = {"validation": entry["gallery"], "training": entry["training_gallery"]}
        for split, recall in entry["recall"].items():
            said: list[str] = []
            shown = f"{galleries[split]:,} {split} images"
            scalars: dict[str, float] = {}
            for direction, values in recall.items():
                percent = "/".join(f"{value:.2f}" for value in values.values())
                said.append(f"{percent} {direction.replace('_', '-')}")
                scalars |= {f"{split}/{direction}_recall_at_{k}": value for k, value in values.items()}
            rsum[split] = sum(scalars.values())
            self._show(step, scalars | {f"{split}/rsum": rsum[split]})
            self._say(f"step {step}/{self._steps}  {shown}, R@1/5/10: {' | '.join(said)}")
        for half, recall in entry.get("teacher", {}).items():
            values = " | ".join(
                "/".join(f"{value:.1f}" for value in values_by_k.values()) for values_by_k in recall.values()
            )
            self._say(f"step {step}/{self._steps}  {WORDS[half]} R@1/5/10: {values}")
        row = {"val_rsum": f"{rsum['validation']:.5g}", "train_rsum": f"{rsum['training']:.5g}"}
        self._append({"step": step, "samples": entry["samples"]} | row)

    def close(self) -> None:
        """Close TensorBoard's file and draw curves.png, if there is something to show."""
        if self._board is not None:
            self._board.close()
        if read_log(self._path):
            draw_curves(self._path, self._path.with_name(CURVES), self._weights)

    def _append(self, row: dict[str, Any]) -> None:
        try:
            with open(self._path, "a", newline="") as file:
                csv.DictWriter(file, FIELDS, restval="").writerow(row)
        except OSError as error:  # a full disk is reported without the file
            error.filename = str(self._path)
            raise

    def _show(self, step: int, scalars: dict[str, float]) -> None:
        if self._board is not None:
            for name, value in scalars.items():
                self._board.add_scalar(name, value, step)

    @staticmethod
    def _say(line: str) -> None:
        tqdm.write(line, file=sys.stderr)  # above the bar


def _tensorboard(folder: Path, step: int) -> Any:
    """A writer of scalars beyond `step`, or None if TensorBoard is not installed."""
    try:
        from torch.utils.tensorboard import SummaryWriter  # slow to import
    except ImportError:
        print("TensorBoard is not installed: the run keeps log.csv alone", file=sys.stderr)
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)


def _duration(seconds: float) -> str:
    minutes = math.ceil(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"

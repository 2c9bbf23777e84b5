"""What every training loop shares: a clock of CPU seconds that survives resumes, atomic checkpoints, learning-rate schedule, a CSV log."""

import csv
import math
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn


def seed_everything(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # one process a core is faster than one process on two cores


def warmup_cosine(optimizer: torch.optim.Optimizer, peak: float, step: int, progress: float, warmup=200, floor=0.03) -> None:
    """Linear warm-up over `warmup` steps, then a cosine over `progress` in [0, 1] of the planned CPU time."""
    rate = peak * min(1, (step + 1) / warmup) * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1, progress))))
    for group in optimizer.param_groups:
        group["lr"] = rate


class Run:
    """State of one training run. `parts` are modules and optimizers by name; `step` and CPU `seconds` accumulate across resumes."""

    def __init__(self, checkpoint: Path, parts: dict, log: Path, fields: list[str], every_seconds=180.0):
        self.checkpoint, self.parts, self.log, self.fields = Path(checkpoint), parts, Path(log), fields
        self.step, self._seconds, self._start = 0, 0.0, time.process_time()
        self._stop = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "_stop", True))
        self.every, self._saved, self._sums, self._count = every_seconds, time.monotonic(), np.zeros(len(fields)), 0

    @property
    def seconds(self) -> float:
        """CPU seconds spent by this process and by those that it resumes."""
        return self._seconds + time.process_time() - self._start

    def resume(self) -> bool:
        if not self.checkpoint.exists():
            return False
        state = torch.load(self.checkpoint, weights_only=True)
        self.step, self._seconds = state["step"], state["seconds"]
        for name, part in self.parts.items():
            if name not in state or not self.fits(part, state[name]):
                print(f"{name}: not in the checkpoint in this shape, starts fresh", flush=True)
            else:
                part.load_state_dict(state[name])
        print(f"resumed at step {self.step}, {self.seconds:.0f} CPU s", flush=True)
        return True

    @staticmethod
    def fits(part, saved: dict) -> bool:
        if isinstance(part, nn.Module):
            return all(n in saved and saved[n].shape == v.shape for n, v in part.state_dict().items())
        shapes = [p.shape for group in part.param_groups for p in group["params"]]
        return all(saved["state"].get(i, {}).get("exp_avg", torch.empty(shape)).shape == shape for i, shape in enumerate(shapes))

    def save(self) -> None:
        self.checkpoint.parent.mkdir(parents=True, exist_ok=True)
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save({name: part.state_dict() for name, part in self.parts.items()} | dict(step=self.step, seconds=self.seconds), temporary)
        os.replace(temporary, self.checkpoint)
        self._saved = time.monotonic()

    def record(self, *values: float, every=100) -> None:
        """Count one step; every `every` steps append the means to the log; save when it is time."""
        self.step += 1
        self._sums += [float(v) for v in values]
        self._count += 1
        if self.step % every == 0:
            means = self._sums / self._count
            new = not self.log.exists()
            with open(self.log, "a", newline="") as file:
                writer = csv.writer(file)
                if new:
                    writer.writerow(["step", "cpu_seconds", *self.fields])
                writer.writerow([self.step, round(self.seconds), *(f"{m:.4f}" for m in means)])
            print(f"{self.step} {self.seconds:.0f}s " + " ".join(f"{n} {m:.3f}" for n, m in zip(self.fields, means)), flush=True)
            self._sums[:], self._count = 0, 0
        if self._stop or time.monotonic() - self._saved > self.every:
            self.save()
        if self._stop:
            raise SystemExit("stopped by SIGTERM; the checkpoint is complete")

"""Imagined speakers: changes of a recorded line's mel that make another speaker, or another microphone, of it.

A cloned voice must follow the spectrum of its reference. The corpora have few speakers, so a recorded line and its reference are changed in the same way: the frequency axis is
stretched by a few per cent, as by a longer or shorter vocal tract and pitch, and every band is raised or lowered by a smooth curve, as by another timbre, room or microphone.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from acoustic import MEL_FLOOR
from spectra import MELS, RATE

LARGEST_STRETCH, CURVES, LARGEST_CURVE = 0.1, 6, 0.35
"""Of ln frequency; cosines that the curve is the sum of, and the standard deviation of each in ln magnitude (3 dB)."""


def _band(hz: np.ndarray) -> np.ndarray:
    """Hz -> place among the mel bands."""
    return np.log10(1 + hz / 700) / np.log10(1 + RATE / 2 / 700) * (MELS + 1) - 1


CENTRES = 700 * (10 ** (np.arange(1, MELS + 1) / (MELS + 1) * np.log10(1 + RATE / 2 / 700)) - 1)


@dataclass
class Imagined:
    """`factor` multiplies F0 and all frequencies, `curve` [MELS] is added to the mel."""

    factor: float
    curve: Tensor

    def of(self, mel: Tensor) -> Tensor:
        """Mel [..., MELS] of the imagined speaker."""
        at = np.clip(_band(CENTRES / self.factor), 0, MELS - 1)
        low = np.minimum(at.astype(int), MELS - 2)
        share = torch.from_numpy((at - low).astype(np.float32))
        stretched = mel[..., low] * (1 - share) + mel[..., low + 1] * share
        return (stretched + self.curve).clamp_min(MEL_FLOOR)


def imagine(rng: np.random.Generator) -> Imagined:
    """A random change."""
    place = (np.arange(MELS) + 0.5) / MELS * np.pi
    curve = sum(rng.normal(0, LARGEST_CURVE / np.sqrt(k)) * np.cos(k * place) for k in range(1, CURVES + 1))
    return Imagined(float(np.exp(rng.uniform(-LARGEST_STRETCH, LARGEST_STRETCH))), torch.from_numpy(curve.astype(np.float32)))

"""Writes test/fixtures/waveform.f32: the waveform that this code makes of filters and curves given by formulas, with the product's own noise.

    waveform_answer.py ../../../test/fixtures/waveform.f32

The unit test of the waveform kernel computes the same inputs and compares.
"""

import math
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[1]))
from spectra import BINS, HOP, MELS, match_mel, phase  # noqa: E402
from vocoder import BANDS, render  # noqa: E402

FRAMES, SEED, ROUNDS = 24, 93, 2


def product_noise(seed: int, count: int) -> tuple[float, np.ndarray]:
    """The first uniform number of src/synthesis/random.ts, and `count` normal ones after it: mulberry32, Box and Muller's transform."""
    state = seed & 0xFFFFFFFF

    def uniform() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t = ((t + ((t ^ (t >> 7)) * (t | 61))) ^ t) & 0xFFFFFFFF
        return (t ^ (t >> 14)) / 2**32

    start, normal = uniform(), np.empty(count + 1)
    for i in range(0, count, 2):
        radius, angle = math.sqrt(-2 * math.log(1 - uniform())), 2 * math.pi * uniform()
        normal[i], normal[i + 1] = radius * math.cos(angle), radius * math.sin(angle)
    return start, normal[:count]


def main() -> None:
    t, table = torch.arange(FRAMES).double()[:, None], lambda size: torch.arange(size).double()[None]
    voiced = ((t % 13) < 9).double()
    f0 = (150 + 40 * torch.sin(0.2 * t))[:, 0]
    k, b, m = table(BINS), table(MELS), table(4 * BANDS)
    angle = 2 * torch.sin(0.05 * k + 0.3 * t)
    filters = [
        -4 - k / 130 + torch.cos(0.07 * k + 0.2 * t),
        -6 + k / 250 + 0.5 * torch.sin(0.03 * k - 0.4 * t),
        torch.cos(angle),
        torch.sin(angle),
        voiced * 0.6 * torch.sin(0.5 * m + 0.1 * t),
    ]
    mel = -2 - b / 40 + torch.sin(0.15 * b + 0.25 * t)
    start, hiss = product_noise(SEED, FRAMES * HOP)
    f, angle = phase(f0.float()[None], torch.tensor([[start]]))
    assert torch.sin(angle / 2).abs().min() > 1e-3, "a pulse falls on a sample, where single precision does not suffice: choose another seed"
    turned = lambda x: x.float().T[None]
    wave = render(f, angle, torch.from_numpy(hiss).float()[None], voiced.float()[None, :, 0], tuple(map(turned, filters)))
    wave = match_mel(wave, turned(mel), ROUNDS)
    Path(sys.argv[1]).write_bytes(wave[0].numpy().astype("<f4").tobytes())


if __name__ == "__main__":
    main()

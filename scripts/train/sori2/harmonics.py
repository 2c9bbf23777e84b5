"""Phases of a recording's lowest harmonics, as targets of the vocoder's phase.

A frame's harmonic k is the product of its windowed samples with exp(-i k a), `a` being F0 integrated to a phase. The fundamental drifts slowly against `a`; that drift
moves the vocoder's pulses to the recording's, if they start with the cycles of `a` there. What the other harmonics have beside k times the fundamental's phase is the vocal tract's doing, and follows from the mel.
Only the first six phases are heard as much in PESQ as all of them: with the recordings' own phases there copy-synthesis rises from 3.43 to 3.64.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from spectra import BINS, FFT, HOP, PAD, RATE, bridge, phase

COUNT = 12
"""Harmonics with a target."""


def analyse(wave: np.ndarray, f0: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples [T * HOP] and F0 [T] in Hz (0 where unvoiced) -> drift of the fundamental [T] in radians, bridged across unvoiced frames; phases [T, COUNT] beside k times
    the fundamental's; magnitudes [T, COUNT], 0 where unvoiced."""
    length, voiced = len(f0), f0 > 0
    frames = np.flatnonzero(voiced)
    spectrum = np.zeros((length, COUNT), np.complex64)
    if len(frames) == 0:
        return np.zeros(length, np.float32), np.zeros((length, COUNT), np.float32), np.zeros((length, COUNT), np.float32)
    _, angle = phase(bridge(torch.from_numpy(f0.copy()), torch.from_numpy(voiced).float())[None], torch.zeros(1, 1))
    padded = np.pad(wave.astype(np.float32), (PAD, FFT))
    turn = np.exp(-1j * np.pad(angle[0].numpy(), (PAD, FFT), mode="edge")).astype(np.complex64)
    windows = lambda x: np.lib.stride_tricks.sliding_window_view(x, FFT)[frames * HOP]
    product, turns = (windows(padded) * np.hanning(FFT).astype(np.float32)).astype(np.complex64), windows(turn)
    for k in range(COUNT):
        product = product * turns
        spectrum[frames, k] = product.sum(1)
    unit = spectrum[:, 0] / np.maximum(np.abs(spectrum[:, 0]), 1e-9)
    smooth = np.convolve(unit, [1, 2, 1], "same")[frames]
    drift = np.interp(np.arange(length), frames, np.unwrap(np.angle(smooth)))
    beside = np.angle(spectrum * np.exp(-1j * drift[:, None] * np.arange(1, COUNT + 1)))
    return drift.astype(np.float32), beside.astype(np.float32), np.abs(spectrum).astype(np.float32)


def turns_of(f0: np.ndarray) -> np.ndarray:
    """Bridged F0 [T] in Hz -> cycles [T], in [0, 1), of `spectra.phase` at the first sample of each frame, which interpolates F0 between the middles of frames."""
    edged = np.pad(f0.astype(np.float64), 1, mode="edge")
    cycles = np.cumsum((edged[:-2] + 6 * edged[1:-1] + edged[2:]) / 8 * HOP / RATE)
    return (np.append(0, cycles[:-1]) % 1).astype(np.float32)


class Harmonics:
    """Of all clips of a corpus: `drift` [hops] in radians, `phases` [hops, COUNT] as int8 of pi / 127, `weights` [hops, COUNT] as uint8 of 1 / 255, which are made once and
    kept in `cache`; `f0` [hops] bridged in Hz, and `turns` [hops], the cycles of each frame's first sample to which the drift belongs."""

    def __init__(self, corpus, cache: Path):
        path = cache / "harmonics.npz"
        if not path.exists():
            hops = len(corpus.f0)
            drift, phases, weights = np.zeros(hops, np.float32), np.zeros((hops, COUNT), np.int8), np.zeros((hops, COUNT), np.uint8)
            for clip in corpus.clips:
                part = slice(clip.start, clip.start + clip.hops)
                drift[part], beside, magnitude = analyse(corpus.wave(clip), corpus.pitch(clip))
                phases[part] = np.round(beside * (127 / np.pi))
                # Compressed, so that the weaker harmonics count too; frames and harmonics 45 dB below the clip's loudest do not.
                level = (magnitude / max(1e-6, magnitude.max())) ** 0.5
                weights[part] = np.round(255 * np.where(level > 0.075, level, 0))
            np.savez(path, drift=drift, phases=phases, weights=weights)
        arrays = np.load(path)
        self.drift, self.phases, self.weights = arrays["drift"], arrays["phases"], arrays["weights"]
        self.f0, self.turns = (np.zeros(len(corpus.f0), np.float32) for _ in range(2))
        for clip in corpus.clips:
            part, f0 = slice(clip.start, clip.start + clip.hops), torch.from_numpy(corpus.pitch(clip).copy())
            self.f0[part] = bridge(f0, (f0 > 0).float()).numpy()
            self.turns[part] = turns_of(self.f0[part])


def phase_loss(cosine: Tensor, sine: Tensor, f0: Tensor, phases: Tensor, weights: Tensor) -> Tensor:
    """Phase filter (cosine, sine) [B, BINS, T], F0 [B, T] in Hz, target phases and weights [B, COUNT, T] -> weighted mean of 1 - cos(error), 0 to 2."""
    at = torch.arange(1, COUNT + 1)[None, :, None] * f0[:, None] * (FFT / RATE)
    low = at.floor().clamp(0, BINS - 2)
    share, low = (at - low).clamp(0, 1), low.long()
    read = lambda x: torch.lerp(x.gather(1, low), x.gather(1, low + 1), share)
    return (weights * (1 - read(cosine) * torch.cos(phases) - read(sine) * torch.sin(phases))).sum() / weights.sum().clamp_min(1)


def drift_samples(drift: Tensor) -> Tensor:
    """Drift [B, T] a frame -> [B, T * HOP] a sample, in radians."""
    return F.interpolate(drift[:, None], scale_factor=HOP, mode="linear", align_corners=False)[:, 0]

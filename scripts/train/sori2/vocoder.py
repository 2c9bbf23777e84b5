"""sori-2's vocoder: a ConvNeXt network at 80 frames a second gives a complex filter of a harmonic source and the magnitude of noise; an inverse STFT makes the waveform.

Source and filter as in HiFTNet (Li et al. 2023), frame-rate backbone and inverse STFT as in Vocos (Siuzdak 2023). The noise is modulated at the pitch period.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spectra import BINS, MELS, istft, match_mel, phase, pulses, smooth_gate, stft

BANDS = 32
"""Bands in which the network sets how much the noise follows the pitch period."""


class Block(nn.Module):
    """ConvNeXt block on [B, C, T]: depthwise convolution, layer norm, inverted bottleneck, residual."""

    def __init__(self, channels: int, expand=3, kernel=7):
        super().__init__()
        self.mix = nn.Conv1d(channels, channels, kernel, padding=kernel // 2, groups=channels)
        self.norm = nn.LayerNorm(channels)
        self.up, self.down = nn.Linear(channels, expand * channels), nn.Linear(expand * channels, channels)
        self.scale = nn.Parameter(torch.full((channels,), 0.1))

    def forward(self, x: Tensor) -> Tensor:
        """x [B, T, C] -> [B, T, C]."""
        h = self.norm(self.mix(x.transpose(1, 2)).transpose(1, 2))
        return x + self.scale * self.down(F.gelu(self.up(h)))


class Filters(nn.Module):
    """The exported graph: mel [B, T, MELS], log F0 [B, T], voicing [B, T] -> harmonic log magnitude, noise log magnitude, phase as (cos, sin) [B, T, BINS] each, modulation [B, T, 4 * BANDS]."""

    def __init__(self, channels=256, layers=8):
        super().__init__()
        self.inp = nn.Conv1d(MELS + 2, channels, 3, padding=1)
        self.blocks = nn.ModuleList(Block(channels) for _ in range(layers))
        self.norm = nn.LayerNorm(channels)
        self.out, self.modulation = nn.Linear(channels, 4 * BINS), nn.Linear(channels, 4 * BANDS)
        for layer in (self.out, self.modulation):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)
        with torch.no_grad():
            self.out.bias[:BINS], self.out.bias[BINS : 2 * BINS], self.out.bias[2 * BINS : 3 * BINS] = -4, -5, 1

    def forward(self, mel: Tensor, f0: Tensor, voiced: Tensor) -> tuple[Tensor, ...]:
        pitch = torch.log(f0.clamp_min(50)) - 5
        x = torch.cat([mel * 0.3 + 1, pitch[..., None], voiced[..., None]], -1)
        x = self.inp(x.transpose(1, 2)).transpose(1, 2)
        for block in self.blocks:
            x = block(x)
        hidden = self.norm(x)
        harmonic, noise, real, imaginary = self.out(hidden).split(BINS, -1)
        return harmonic, noise, real, imaginary, self.modulation(hidden)


def render(f: Tensor, angle: Tensor, hiss: Tensor, voiced: Tensor, filters: tuple[Tensor, ...]) -> Tensor:
    """Waveform [B, T * HOP], before it is matched to the mel, of F0 in Hz, phase and noise [B, T * HOP], voicing [B, T] and the filters
    harmonic, noise, cosine, sine [B, BINS, T] and modulation [B, 4 * BANDS, T]."""
    harmonic, noise, cosine, sine, depth = filters
    with torch.no_grad():
        source = stft(pulses(f, angle, smooth_gate(voiced)))
        # Noise as it is, and noise modulated at one and two times the pitch frequency.
        breaths = [hiss] + [hiss * wave(k * angle) for k in (1, 2) for wave in (torch.cos, torch.sin)]
        plain, *modulated = stft(torch.cat(breaths)).chunk(5)
    filtered = source * torch.complex(cosine, sine) * torch.exp(harmonic.clamp(-12, 6))
    depth = F.interpolate(depth.unflatten(1, (4, BANDS)), size=(BINS, depth.shape[-1]), mode="bilinear") * voiced[:, None, None]
    breath = plain + sum(depth[:, i] * part for i, part in enumerate(modulated))
    return istft(filtered + breath * torch.exp(noise.clamp(-14, 4)), voiced.shape[1] * 300)


class Vocoder(nn.Module):
    def __init__(self, channels=256, layers=8, rounds=3):
        super().__init__()
        self.net = Filters(channels, layers)
        self.rounds = rounds
        """How often the waveform is matched to the mel (spectra.match_mel)."""

    def forward(self, mel: Tensor, f0: Tensor, voiced: Tensor, generator: torch.Generator | None = None) -> Tensor:
        """mel [B, MELS, T] (natural log), bridged F0 [B, T] in Hz, voicing [B, T] -> waveform [B, T * HOP]."""
        return self.synthesize(mel, f0, voiced, torch.rand(f0.shape[0], 1, generator=generator), 0, generator)[0]

    def synthesize(self, mel: Tensor, f0: Tensor, voiced: Tensor, start: Tensor, drift: Tensor | float, generator: torch.Generator | None = None) -> tuple[Tensor, Tensor, Tensor]:
        """As forward, with the pulses' start [B, 1] in cycles and drift [B, T * HOP] in radians -> waveform, cosine and sine of the phase filter [B, BINS, T]."""
        with torch.no_grad():
            f, angle = phase(f0, start)
            angle = torch.remainder(angle + drift, 2 * math.pi)
            hiss = torch.randn(angle.shape, generator=generator)
        harmonic, noise, real, imaginary, depth = (x.float().transpose(1, 2) for x in self.net(mel.transpose(1, 2), f0, voiced))
        norm = torch.rsqrt(real.square() + imaginary.square() + 1e-6)
        cosine, sine = real * norm, imaginary * norm
        wave = render(f, angle, hiss, voiced, (harmonic, noise, cosine, sine, depth))
        return match_mel(wave, mel, self.rounds), cosine, sine

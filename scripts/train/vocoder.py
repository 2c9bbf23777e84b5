"""From the vocoder network's magnitudes to a waveform: harmonic-plus-noise source, filtered in the STFT domain, overlap-added.

Source and filter as in DDSP (Engel et al. 2020) and HiFTNet (Li et al. 2023); the harmonic filter has minimum phase (folded real cepstrum,
Oppenheim and Schafer), so that a glottal pulse decays after its onset instead of ringing on both sides of it.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from features import FFT, HOP, MELS, RATE, WINDOW, hz_to_mel
from networks import VocoderNet


def band_to_bins() -> Tensor:
    """[MELS, FFT/2+1]: linear interpolation from mel-spaced points (0 Hz to Nyquist) to STFT bins."""
    bins = torch.linspace(0, RATE / 2, FFT // 2 + 1)
    place = hz_to_mel(bins) / hz_to_mel(torch.tensor(RATE / 2.0)) * (MELS - 1)
    low = place.floor().clamp(max=MELS - 2).long()
    weights, column = torch.zeros(MELS, FFT // 2 + 1), torch.arange(FFT // 2 + 1)
    weights[low, column], weights[low + 1, column] = 1 - (place - low), place - low
    return weights


def pulse_train(f0: Tensor, phase: Tensor) -> Tensor:
    """F0 [B, T] in Hz, start phase [B, 1] in cycles -> [B, T * HOP]: all cosines below Nyquist, in closed form (Dirichlet kernel)."""
    f = F.interpolate(f0[:, None], size=f0.shape[1] * HOP, mode="linear", align_corners=False)[:, 0]
    turn = ((torch.cumsum(f.double() / RATE, 1) + phase) % 1).float()
    count = torch.floor(RATE / 2 / f) - 1
    sine = torch.sin(math.pi * turn)
    tiny = sine.abs() < 1e-4
    kernel = torch.where(tiny, 2 * count + 1, torch.sin((2 * count + 1) * math.pi * turn) / torch.where(tiny, torch.ones_like(sine), sine))
    return (kernel - 1) / 2 * torch.sqrt(2 / count.clamp(min=1))


class Vocoder(nn.Module):
    """mel [B, T, MELS], continuous F0 [B, T] in Hz, voicing [B, T] -> waveform [B, T * HOP]."""

    def __init__(self):
        super().__init__()
        self.net = VocoderNet()
        self.register_buffer("to_bins", band_to_bins(), persistent=False)
        fold = torch.zeros(FFT)
        fold[0], fold[1 : FFT // 2], fold[FFT // 2] = 1, 2, 1
        self.register_buffer("fold", fold, persistent=False)

    def bins(self, bands: Tensor) -> Tensor:
        """[B, T, MELS] -> [B, T, FFT/2+1] ln magnitude."""
        return (bands @ self.to_bins).clamp(-14, 8)

    def minimum_phase(self, log_magnitude: Tensor) -> Tensor:
        """[B, T, bins] ln magnitude -> complex spectrum whose cepstrum is causal."""
        return torch.exp(torch.fft.rfft(torch.fft.irfft(log_magnitude, n=FFT) * self.fold, n=FFT))

    def forward(self, mel: Tensor, f0: Tensor, voicing: Tensor, generator: torch.Generator | None = None) -> Tensor:
        harmonic, noise = self.net(mel, f0, voicing)
        batch, frames = f0.shape
        with torch.no_grad():
            pulses = pulse_train(f0, torch.rand(batch, 1, generator=generator))
            hiss = torch.randn(batch, frames * HOP, generator=generator)
            source, breath = (torch.stft(x, FFT, HOP, window=WINDOW, return_complex=True)[..., :frames] for x in (pulses, hiss))
        spectrum = source * self.minimum_phase(self.bins(harmonic)).transpose(1, 2)
        spectrum = spectrum + breath * torch.exp(self.bins(noise)).transpose(1, 2)
        return torch.istft(torch.cat([spectrum, spectrum[..., -1:]], 2), FFT, HOP, window=WINDOW, length=frames * HOP)

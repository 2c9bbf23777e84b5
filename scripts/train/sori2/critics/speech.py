"""Losses from a frozen speech recognizer that reads the acoustic model's mels (SLM adversarial training, StyleTTS 2).

- Spelling: cross-entropy of the line's own text, given the whole line that the model makes. It needs no recording, so lines without audio are used too.
- Features: the recognizer's states of the line that the model makes are brought near to those of the teacher's recording, and a small critic learns to tell them apart.
"""

import re
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from acoustic import Acoustic, place, with_statistics
from lines import KOREAN, Joined, Line
from phonemes import LANGUAGES
from critics.recognizer import Whisper

LEAST_FRAMES, MOST_FRAMES = 60, 330
"""Lengths of the lines that are used, in frames of 12.5 ms."""
KOREAN_SHARE, RECORDED_SHARE = 0.7, 0.5
LAYERS = (2, 4, 6)
"""The critic's input: the states after these layers of the encoder."""
WIDTH = 512


class SpeechCritic(nn.Module):
    """States of the recognizer's layers, [T, WIDTH] each -> a judgement of every place [T]."""

    def __init__(self, channels=64):
        super().__init__()
        self.inp = nn.Linear(WIDTH * len(LAYERS), channels)
        self.layers = nn.ModuleList(nn.Conv1d(channels, channels, 5, padding=2) for _ in range(2))
        self.out = nn.Linear(channels, 1)

    def forward(self, states: list[Tensor]) -> Tensor:
        x = self.inp(torch.cat([F.layer_norm(s, s.shape[-1:]) for s in states], -1)).T[None]
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
        return self.out(x[0].T)[:, 0]


def is_spelled(line: Line) -> bool:
    """Is the text of a line written as it is spoken (no figures, Latin letters in Korean or signs), and is its length among those that are used?"""
    letters = r"[가-힣 ,.?!]+" if line.language == KOREAN else r"[A-Za-z' ,.?!]+"
    return not line.reader and LEAST_FRAMES <= len(line.f0) <= MOST_FRAMES and re.fullmatch(letters, line.text) is not None


class SpeechJudge:
    """Draws a line a step, which the model speaks and the recognizer reads."""

    def __init__(self, folder: Path, recorded: list[Line], more: list[Line], mels: np.ndarray | Joined, bf16: bool):
        self.whisper, self.critic, self.mels, self.bf16 = Whisper(folder, bf16), SpeechCritic(), mels, bf16
        self.pools = {(korean, True): [l for l in recorded if (l.language == KOREAN) == korean and is_spelled(l)] for korean in (False, True)}
        self.pools |= {(korean, False): [l for l in more if (l.language == KOREAN) == korean and is_spelled(l)] for korean in (False, True)}

    def draw(self, rng: np.random.Generator) -> Line:
        pool = self.pools[bool(rng.random() < KOREAN_SHARE), bool(rng.random() < RECORDED_SHARE)]
        return pool[int(rng.integers(len(pool)))]

    def mel(self, model: Acoustic, line: Line) -> Tensor:
        """Mel [T, MELS] of a whole line with the line's own durations and F0, and predicted voicing and energy."""
        row = lambda x: torch.from_numpy(np.asarray(x))[None]
        style = with_statistics(model.blend(row(line.timbre), row(line.tune)), row(line.statistics))
        hidden, _ = model.text_encoder.parts(row(line.phonemes), torch.tensor([line.language]), style)
        owner, position = place(line.frames)
        frames = torch.cat([hidden[0, torch.from_numpy(owner)].float(), torch.from_numpy(position)], -1)[None]
        _, voicing, energy = model.prosody.curves(frames, style)
        return model.mel_decoder(frames, row(line.f0).clamp(min=50), voicing.sigmoid().detach(), energy.detach(), style)[0].float()

    def losses(self, model: Acoustic, rng: np.random.Generator) -> tuple[dict[str, Tensor], Tensor]:
        """spelling, and for a recorded line `near` and `fooling`; the critic's own loss."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            return self._losses(model, self.draw(rng))

    def _losses(self, model: Acoustic, line: Line) -> tuple[dict[str, Tensor], Tensor]:
        whisper, language = self.whisper, LANGUAGES[line.language][:2]
        states = whisper.hear(whisper.mel(self.mel(model, line)))
        found = dict(spelling=whisper.spelling_loss(states[-1], line.text, language))
        if line.start < 0:
            return found, torch.zeros(())
        with torch.no_grad():
            real = whisper.hear(whisper.mel(torch.from_numpy(self.mels[line.start : line.start + len(line.f0)].astype(np.float32))))
        chosen = [(states[i], real[i]) for i in LAYERS]
        found["near"] = sum((made - true).abs().mean() / true.std() for made, true in chosen) / len(LAYERS)
        found["fooling"] = F.relu(1 - self.critic([made for made, _ in chosen])).mean()
        told = self.critic([made.detach() for made, _ in chosen]), self.critic([true for _, true in chosen])
        return found, F.relu(1 + told[0]).mean() + F.relu(1 - told[1]).mean()

"""Which lines each step of the acoustic model's training takes, and the references of their speakers."""

import numpy as np
import torch
from torch import Tensor

from acoustic import MEL_FLOOR
from imagined import Imagined
from lines import BRITISH, KOREAN, Joined, Line
from tunes import question_kind

LEAST = {KOREAN: 0.35, BRITISH: 0.15}
"""Least share of the lines drawn that a language has."""
READER_SHARE = 0.22
"""Share of the recorded lines drawn that real readers have."""
NARROW_BANDS = 80
"""Mel bands below 6.7 kHz, which the readers' recordings have even when they are stretched (imagined.py)."""


def chances(lines: list[Line]) -> np.ndarray:
    """How likely each line is drawn, sum 1."""
    size = np.array([min(len(l.f0), 400) * (3 if question_kind(l.text) else 1) for l in lines], float)
    language = np.array([l.language for l in lines])
    share = {k: size[language == k].sum() / size.sum() for k in LEAST}
    few = {k: least for k, least in LEAST.items() if 0 < share[k] < least}
    rest = (1 - sum(few.values())) / max(1e-9, 1 - sum(share[k] for k in few))
    for k, least in few.items():
        size[language == k] *= least / share[k] / rest
    readers = np.array([l.reader for l in lines])
    if readers.any():
        size[readers] *= READER_SHARE / (1 - READER_SHARE) * size[~readers].sum() / size[readers].sum()
    return size / size.sum()


class Sampler:
    """Draws batches of lines of similar length, recorded ones first; longer lines more often, questions three times as often, each language at least as often as LEAST says."""

    def __init__(self, recorded: list[Line], more: list[Line], count: int, count_more: int, rng: np.random.Generator):
        self.groups = [(g, chances(g), n) for g, n in ((recorded, count), (more, count_more)) if g and n]
        self.rng, self.waiting = rng, []
        self.of_speaker = {}
        for line in recorded:
            self.of_speaker.setdefault(line.speaker, []).append(line)

    def draw(self, pool=6) -> list[Line]:
        if not self.waiting:
            parts = []
            for lines, size, count in self.groups:
                chosen = self.rng.choice(len(lines), pool * count, p=size)
                order = sorted(chosen, key=lambda i: len(lines[i].phonemes))
                parts.append([[lines[i] for i in order[k * count : (k + 1) * count]] for k in range(pool)])
            batches = [sum(rows, []) for rows in zip(*parts)]
            self.waiting = [batches[i] for i in self.rng.permutation(pool)]
        return self.waiting.pop()

    def reference(self, line: Line, mels: np.ndarray | Joined, frames: int, change: Imagined | None = None) -> Tensor:
        """A stretch of the line itself or of another line of its speaker [frames, MELS], changed as the line is."""
        line = line.original or line
        other = line if self.rng.random() < 0.5 else self.of_speaker[line.speaker][self.rng.integers(len(self.of_speaker[line.speaker]))]
        at = int(self.rng.integers(max(1, len(other.f0) - frames + 1)))
        stretch = torch.from_numpy(mels[other.start + at : other.start + min(at + frames, len(other.f0))].astype(np.float32))
        stretch = stretch.repeat(-(-frames // len(stretch)), 1)[:frames]
        if change:
            stretch = change.of(stretch)
        # As users' recordings are: of another level, without the high bands, with noise.
        stretch = stretch + float(self.rng.uniform(-0.3, 0.3))
        if not line.reader and self.rng.random() < 0.4:
            stretch[:, NARROW_BANDS + int(self.rng.integers(-8, 9)) :] = MEL_FLOOR
        if self.rng.random() < 0.3:
            stretch = torch.logaddexp(stretch, torch.full_like(stretch, float(self.rng.uniform(-7, -4.5))))
        return stretch

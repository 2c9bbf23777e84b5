"""Lines with long vowels, as sung notes have them.

There are no sung recordings, so vowels of recorded lines are stretched: their frames, F0, energy and mel are read more slowly between the sounds at both ends, which keep their speed.
Only the mel decoder learns from such lines.
"""

import copy

import numpy as np

from lines import SOUND_LEAD, Line
from phonemes import SYMBOLS

EDGE = 4
"""Frames at each end of a vowel that keep their speed: there the mouth moves from and to its neighbours."""
SHARE, LONGEST, LARGEST_FACTOR = 0.5, 150, 14.0
"""Share of a line's vowels that are stretched; frames of the longest one; by how much its middle is stretched at most."""
IS_VOWEL = np.array([symbol.lstrip("ˈˌ")[:1] in set("aɑæʌəɔɛeɝɚiɪoʊuɒɜɯ") for symbol in SYMBOLS])


def stretch_vowels(line: Line, mel: np.ndarray, rng: np.random.Generator) -> Line:
    """A copy of a recorded line, whose mel [T, MELS] is given, with some vowels stretched. The line itself is returned if it has no vowel that is long enough."""
    chosen = IS_VOWEL[line.phonemes] & (line.frames > 2 * EDGE) & (rng.random(len(line.frames)) < SHARE)
    if not chosen.any():
        return line
    middles = np.where(chosen, line.frames - 2 * EDGE, 0)
    longer = np.minimum(np.round(middles * np.exp(rng.uniform(0, np.log(LARGEST_FACTOR), len(middles)))), LONGEST).astype(np.int64)
    added = np.where(chosen, np.maximum(longer - middles, 0), 0)
    # Times at which the speed changes, of the given line and of the stretched one. A sound is heard SOUND_LEAD frames before the frames of its symbol.
    first = np.cumsum(line.frames) - line.frames - SOUND_LEAD
    known, wanted, total = [-1.0], [-1.0], 0
    for i in np.flatnonzero(chosen):
        at = first[i] + EDGE
        known += [at, at + middles[i]]
        wanted += [at + total, at + total + middles[i] + added[i]]
        total += int(added[i])
    length = len(line.f0)
    known.append(length + 1.0), wanted.append(length + total + 1.0)
    place = np.clip(np.interp(np.arange(length + total) + 0.5, wanted, known) - 0.5, 0, length - 1)
    low = np.minimum(place.astype(np.int64), length - 2)
    share = (place - low).astype(np.float32)
    read = lambda x: x[low] * (1 - share) + x[low + 1] * share
    made = copy.copy(line)
    made.frames = line.frames + added
    made.f0, made.energy, made.voiced = np.exp(read(np.log(line.f0))), read(line.energy), line.voiced[np.round(place).astype(np.int64)]
    made.goal_f0, made.goal_voiced, made.goal_frames, made.counted = made.f0, made.voiced, None, np.zeros_like(line.counted)
    made.mel = mel[low] * (1 - share[:, None]) + mel[low + 1] * share[:, None]
    made.original = line
    return made

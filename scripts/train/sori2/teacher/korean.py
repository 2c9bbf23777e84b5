"""Korean symbols of the front end (src/text/ko/symbols.ts) in the teacher's alphabet. The teacher never learned Korean; the choices are those that a Korean recogniser understood best (../README.md)."""

import numpy as np
from teacher import VOCAB

SOUNDS = dict(
    pair.split(":")
    for pair in """p:p t:t k:k tɕ:ʨ b:b d:d ɡ:ɡ dʑ:ʥ p͈:ʔp t͈:ʔt k͈:ʔk tɕ͈:ʔʨ pʰ:pʰ tʰ:tʰ kʰ:kʰ tɕʰ:ʨʰ s:s ɕ:ɕ s͈:s ɕ͈:ɕ h:h ɦ:h m:m n:n ŋ:ŋ ɾ:ɾ l:l
p̚:p t̚:t k̚:k j:j w:w ɰ:ɰ a:a ɛ:ɛ e:e ʌ:ɔ o:o u:u ɯ:ɯ i:i""".split()
)
BOUNDARIES = {"|": " ", "‖": " "}
TUNES = "↘↗↓→"
PAUSES = (",", ";", ":", "—", "…", ".", "!", "?")


def pack(symbols: list[str], sounds=SOUNDS, boundaries=BOUNDARIES) -> tuple[np.ndarray, np.ndarray]:
    """Token ids, and the number of the symbol that each belongs to. Tune marks have no token."""
    ids, owner = [], []
    for k, s in enumerate(symbols):
        if s in ("^", "$"):
            row = [0]
        elif s in TUNES:
            row = []
        else:
            row = [VOCAB[c] for c in (boundaries.get(s) if s in boundaries else sounds.get(s, s))]
        if s in PAUSES and k + 1 < len(symbols) and symbols[k + 1] != "$":
            row = row + [16]
        ids += row
        owner += [k] * len(row)
    return np.array(ids), np.array(owner)


def share_frames(symbols: list[str], frames: np.ndarray) -> np.ndarray:
    """Frames [P] in which every symbol has at least two: those without a token of their own get them from the symbol after them, or before."""
    frames = frames.copy()
    for k in np.flatnonzero(frames == 0):
        giver = next(j for j in (k + 1, k - 1, k + 2, k - 2) if 0 <= j < len(frames) and frames[j] >= 4)
        frames[giver] -= 2
        frames[k] = 2
    return frames

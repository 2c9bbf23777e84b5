"""Tunes that the teacher lacks, written into the goals of the training lines: it reads `?` like `.`, and hardly pauses in lists.

- Yes/no questions, tags and single words with `?`: low on the last stressed vowel, then a rise to the end (L* H-H% in ToBI, Beckman and Ayers 1997).
- Choice questions: a rise before `or`; the fall at the end is the teacher's. Wh-questions and statements stay as they are.
- Lists: a smaller rise on each item but the last, and a pause of at least LIST_PAUSE frames at its comma (only in lines without audio; the recordings' commas do not count there).

Heights are in semitones about the voice's own pitch, for a voice with a pitch range of 0.25, and grow with its range.
"""

import re

import numpy as np

from phonemes import ID
from symbols import SYMBOLS

LIST_PAUSE = 16
QUESTION, CHOICE, ITEM = (-2.5, 6.0), (-1.0, 3.5), (-1.5, 2.0)
"""Height at the stressed vowel and at the end."""
LOUD, HEARD_FRAMES, LEAST_RISE = 0.2, 40, 4.0
"""Energy of a frame that is heard well; the half second over which a rise is heard; semitones by which the end of a question exceeds the middle of that half second."""
WH = re.compile(r"^(?:(?:and|so|but|well|then|or)\b,? )?(?:(?:at|for|from|in|of|on|to|with|by) )?(?:who|what|when|where|why|how|which|whose|whom)\b")
SONORANTS = {i for i, s in enumerate(SYMBOLS) if s in ("m", "n", "ŋ", "l", "ɹ", "w", "j") or s.lstrip("ˈˌ")[0] in "ɑæɔaɛeɪioʊuəʌɚɝ"}
STRESSED = {i for i, s in enumerate(SYMBOLS) if s.startswith("ˈ")}
MARKS = {ID[m] for m in ",.?!;:—…"}
OR_WORDS = {(ID["ɔ"], ID["ɹ"]), (ID["ɚ"],), (ID["ˈɔ"], ID["ɹ"])}


def question_kind(text: str) -> str | None:
    """`wh`, `choice` or `yes-no` of a text that ends in a question mark, by its last sentence."""
    text = text.strip().strip('"')
    if not text.endswith("?"):
        return None
    last = re.split(r"[.!?;:]\s+", text.lower().rstrip("?"))[-1].strip()
    if WH.match(last) or WH.match(last.split(", ")[-1]):
        return "wh"
    return "choice" if re.search(r"\bor\b", last) else "yes-no"


def rise(line, first: int, stop: int, heights: tuple[float, float], closing: bool) -> bool:
    """Writes a rise between the last stressed vowel in phonemes [first, stop) and the last sonorant there. `closing`: nothing follows, so voice lasts to the sonorant's end."""
    stressed = [p for p in range(first, stop) if int(line.phonemes[p]) in STRESSED]
    if not stressed:
        return False
    nucleus = stressed[-1]
    last = max(p for p in range(nucleus, stop) if int(line.phonemes[p]) in SONORANTS)
    ends = np.cumsum(line.frames)
    start, end = int(ends[nucleus] - line.frames[nucleus]), int(ends[last])
    # The rise must be over while the voice is still loud, or it is not audible.
    audible = np.flatnonzero(line.energy[start:end] > LOUD)
    end = start + max(int(audible[-1]) + 1, 6) if len(audible) else end
    end = min(end, len(line.energy))
    scale = line.statistics[1] / 0.25 * np.log(2) / 12
    low, high = (line.statistics[0] + h * scale for h in heights)
    goal = np.log(line.goal_f0 / 160)
    # Where the stretch before is high, the end is higher still, and where the last vowel is short, the stretch before is lowered.
    heard = np.arange(max(0, end - HEARD_FRAMES), end)
    heard = heard[(line.voiced[heard] > 0) & (line.energy[heard] > LOUD)]
    if closing and len(heard):
        high = max(high, float(np.median(goal[heard])) + LEAST_RISE * scale)
    before = np.arange(max(0, min(start - 10, end - HEARD_FRAMES if closing else start)), start)
    goal[before] += (low - goal[before]) * (np.arange(len(before)) + 1) / (len(before) + 1)
    x = np.clip((np.arange(end - start) / max(1, end - start - 1) - 0.2) / 0.8, 0, 1)
    goal[start:end] = low + (high - low) * x**1.3
    after = len(goal) if closing else min(len(goal), end + 10)
    back = np.ones(after - end) if closing else 1 - np.arange(after - end) / 10
    goal[end:after] = high * back + goal[end:after] * (1 - back)
    line.goal_f0 = (160 * np.exp(goal)).astype(np.float32)
    line.goal_voiced = line.goal_voiced.copy()
    for p in range(nucleus, last + 1):
        frames = slice(int(ends[p] - line.frames[p]), int(ends[p]))
        if int(line.phonemes[p]) in SONORANTS:
            line.goal_voiced[frames] = np.where(line.energy[frames] > -0.8, 1, line.goal_voiced[frames])
    line.edited = True
    return True


def stretch(line, frames: np.ndarray) -> None:
    """Gives the pauses of a line without audio new lengths; what is new is silent."""
    first = np.cumsum(line.frames) - line.frames
    index, silent = [], []
    for p, (old, new) in enumerate(zip(line.frames, frames)):
        index.append(first[p] + np.minimum(np.arange(new), old - 1) if new <= old else first[p] + np.round(np.linspace(0, old - 1, new)).astype(int))
        inside = np.arange(new)
        silent.append((new > old) & (inside >= 3) & (inside < new - 2))
    index, silent = np.concatenate(index), np.concatenate(silent)
    line.frames = frames
    line.f0, line.goal_f0 = line.f0[index], line.goal_f0[index]
    line.voiced, line.goal_voiced, line.energy = (np.where(silent, quiet, x[index]).astype(np.float32) for x, quiet in ((line.voiced, 0), (line.goal_voiced, 0), (line.energy, -1.8)))


def words_of(phonemes: np.ndarray) -> list[tuple[int, int]]:
    """[first, stop) of each word."""
    edges = [i for i, p in enumerate(phonemes) if int(p) in MARKS or int(p) in (ID[" "], ID["^"], ID["$"])]
    return [(a + 1, b) for a, b in zip(edges, edges[1:]) if b > a + 1]


def write_tune(line) -> None:
    """Changes a line's goals where its text asks for a tune that the teacher does not have."""
    phonemes = line.phonemes
    kind = question_kind(line.text)
    marks = [i for i, p in enumerate(phonemes) if int(p) in MARKS]
    closing = marks[-1] if marks else len(phonemes) - 1
    opening = marks[-2] if len(marks) > 1 else 0
    if kind == "yes-no":
        # A tag or a short last phrase may have no stress of its own.
        rise(line, opening, closing, QUESTION, True) or rise(line, 0, closing, QUESTION, True)
    elif kind == "choice":
        for first, stop in words_of(phonemes):
            if tuple(int(p) for p in phonemes[first:stop]) in OR_WORDS and first > 3:
                rise(line, max([m for m in marks if m < first - 1], default=0), first - 1, CHOICE, False)
    elif line.kind == "list":
        commas = [i for i in marks if int(phonemes[i]) == ID[","]]
        if line.start < 0:
            frames = line.frames.copy()
            frames[commas] = np.maximum(frames[commas], LIST_PAUSE)
            stretch(line, frames)
        else:
            line.counted[commas] = 0
        for comma, before in zip(commas, [0, *commas]):
            rise(line, before, comma, ITEM, False)

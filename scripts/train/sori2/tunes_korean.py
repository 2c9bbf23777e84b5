"""Korean tunes, which the teacher does not have: goals of F0 and durations for Korean lines.

- F0: the tones of Seoul Korean (K-ToBI, Jun 2000). An accentual phrase has T H .. L H on its first two and last two syllables, T being high behind an aspirated or tense consonant, ㅅ or ㅎ, and low
  otherwise. The last syllable of an intonation phrase has its boundary tone instead: L% (statement), a small fall (request), H% (yes/no question), a smaller rise (question with a question word; comma
  or list). The levels fall slowly towards the end. What the teacher does between neighbouring sounds is kept.
- Durations: the last syllable of an intonation phrase is long, that of an accentual phrase a little; no other is (the teacher's stress lengthens some).

Heights are in semitones about the voice's own pitch, for a voice with a pitch range of 0.25, and grow with its range.
"""

import re

import numpy as np

from phonemes import ID

VOWELS = {ID[v] for v in "aɛeʌouɯi"}
HIGH_ONSETS = {ID[c] for c in "p͈ t͈ k͈ tɕ͈ pʰ tʰ kʰ tɕʰ s ɕ s͈ ɕ͈ h".split()}
SONORANTS = VOWELS | {ID[c] for c in "m n ŋ ɾ l j w ɰ".split()}
PHRASE = ID["|"]
MARKS = {ID[m] for m in ",.?!;:—…"}
ARROWS = {ID["↘"]: "statement", ID["↗"]: "question", ID["↓"]: "request", ID["→"]: "continuation"}
WH = re.compile(r"(?:^|\s)(?:누구|누가|무엇|무슨|뭐|뭘|뭔|어디|어느|어떤|어떻게|어떠|어때|언제|왜|얼마|몇|며칠)")
BOUNDARY_TONES = dict(statement=(-2.5, -5.5), question=(-2.0, 6.5), wh=(-2.0, 3.5), request=(-0.5, -3.5), continuation=(-1.5, 2.5))
"""Height at the beginning of the last syllable's vowel and at the end of its voice."""
LOW, HIGH, SECOND, PENULT, PHRASE_END = -2.0, 2.0, 1.5, -1.5, 2.0
DECLINATION = 1.5
"""Semitones by which the levels fall over an intonation phrase."""
OWN_TUNE, OWN_DETAIL = 0.2, 0.6
"""Shares of the teacher's slow and fast movements that stay."""
FINAL, QUESTION_FINAL, PHRASE_FINAL, LONGEST, LONGEST_FINAL = 1.6, 1.9, 1.1, 1.8, 3.2
"""Lengths of a vowel over the median of the line: at least, at the end of an intonation phrase, of one that is a question, of an accentual phrase; at most, inside and at the end."""


def phrases(phonemes: np.ndarray) -> list[tuple[list[list[int]], str, int]]:
    """Intonation phrases: the vowels' places of each of its accentual phrases, its tune, and the place behind its last sound."""
    found, accentual, vowels, tune = [], [], [], "statement"
    for i, p in enumerate(map(int, phonemes)):
        if p in VOWELS:
            vowels.append(i)
        elif p == PHRASE and vowels:
            accentual.append(vowels)
            vowels = []
        elif p in ARROWS:
            tune = ARROWS[p]
        if p in MARKS or i == len(phonemes) - 1:
            if vowels:
                accentual.append(vowels)
            if accentual:
                stop = max(accentual[-1]) + 1
                while stop < len(phonemes) and int(phonemes[stop]) not in MARKS and int(phonemes[stop]) not in ARROWS and int(phonemes[stop]) != ID["$"]:
                    stop += 1
                found.append((accentual, tune if p in MARKS and tune != "statement" else "continuation" if p == ID[","] else tune, stop))
            accentual, vowels, tune = [], [], "statement"
    return found


def tones(phonemes: np.ndarray, vowels: list[int]) -> list[float]:
    """Height of each syllable of an accentual phrase."""
    first = vowels[0] - 1
    while first > 0 and int(phonemes[first]) in (ID["j"], ID["w"], ID["ɰ"]):
        first -= 1
    start = HIGH if int(phonemes[first]) in HIGH_ONSETS else LOW
    n = len(vowels)
    if n <= 3:
        return [[PHRASE_END], [start, PHRASE_END], [start, (start + PHRASE_END) / 2, PHRASE_END]][n - 1]
    second = SECOND if start < 0 else HIGH
    return [start, *np.linspace(second, PENULT, n - 2), PHRASE_END]


def smooth(x: np.ndarray, width=25) -> np.ndarray:
    padded = np.pad(x, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), "valid")[: len(x)]


def write_contour(line, found: list[tuple[list[list[int]], str, int]], wh: bool) -> None:
    ends = np.cumsum(line.frames)
    starts = ends - line.frames
    middle = lambda p: (starts[p] + ends[p]) / 2
    places, heights, final = [], [], []
    for accentual, tune, stop in found:
        tune = "wh" if tune == "question" and wh else tune
        first, last = starts[accentual[0][0]], ends[stop - 1]
        fall = lambda at: DECLINATION * (0.5 - (at - first) / max(1, last - first))
        for k, vowels in enumerate(accentual):
            levels = tones(line.phonemes, vowels)
            closing = k == len(accentual) - 1
            for vowel, level in zip(vowels[: len(vowels) - closing], levels):
                places.append(middle(vowel)), heights.append(level + fall(middle(vowel)))
            if closing:
                begin, end = starts[vowels[-1]], last
                audible = np.flatnonzero(line.energy[begin:end] > -0.6)
                end = begin + int(audible[-1]) + 1 if len(audible) > 2 else end
                low, high = BOUNDARY_TONES[tune]
                places += [begin + 0.15 * (end - begin), max(begin + 1, end - 1)]
                heights += [low, high]
                final.append((vowels[-1], stop, tune))
    scale = line.statistics[1] / 0.25 * np.log(2) / 12
    made = smooth(np.interp(np.arange(len(line.f0)), places, heights), 5) * scale
    own = np.log(line.f0 / 160) - line.statistics[0]
    slow = smooth(own)
    middle_height = slow[line.voiced > 0].mean() if (line.voiced > 0).any() else slow.mean()
    detail = np.clip(own - slow, -1.5 * scale, 1.5 * scale)
    tail = np.ones(len(own), np.float32)
    for vowel, stop, _ in final:  # the boundary tone is all ours
        tail[starts[vowel] : ends[stop - 1] + 10] = 0.25
    goal = made + tail * (OWN_TUNE * np.clip(slow - middle_height, -4 * scale, 4 * scale) + OWN_DETAIL * detail)
    line.goal_f0 = (160 * np.exp(line.statistics[0] + goal)).astype(np.float32)
    for vowel, stop, tune in final:
        if tune not in ("question", "wh", "continuation"):
            continue
        line.goal_voiced = line.goal_voiced.copy()
        for p in range(vowel, stop):
            if int(line.phonemes[p]) in SONORANTS:
                frames = slice(starts[p], ends[p])
                voiced = np.where(line.energy[frames] > -0.8, 1, line.goal_voiced[frames])
                line.edited |= bool((voiced != line.goal_voiced[frames]).any())
                line.goal_voiced[frames] = voiced


def write_durations(line, found: list[tuple[list[list[int]], str, int]]) -> None:
    frames = line.frames.astype(np.float32)
    vowels = [p for accentual, *_ in found for part in accentual for p in part]
    usual = float(np.median(frames[vowels]))
    bounds = {p: (0.0, LONGEST) for p in vowels}
    for accentual, tune, _ in found:
        for part in accentual:
            bounds[part[-1]] = (PHRASE_FINAL, LONGEST)
        bounds[accentual[-1][-1]] = (QUESTION_FINAL if tune == "question" else FINAL, LONGEST_FINAL)
    for p, (least, most) in bounds.items():
        frames[p] = np.clip(frames[p], least * usual, most * usual)
    line.goal_frames = frames


def write_korean_tune(line) -> None:
    """Sets the goals of a Korean line: `goal_f0`, `goal_voiced` and `goal_frames`."""
    found = phrases(line.phonemes)
    if found:
        write_contour(line, found, bool(WH.search(line.text)))
        write_durations(line, found)

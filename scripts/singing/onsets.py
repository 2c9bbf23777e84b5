"""When vowels begin, by the audio alone, against the beginnings of their notes."""

import re

import numpy as np
from scipy.signal import butter, sosfiltfilt

# Syllables whose vowel follows an obstruent: only there does the energy rise at the vowel. Beside `l`, `m` or `w` it rises before.
OBSTRUENT = re.compile(r"^(?:s?[ptkbdɡfvszʃʒθðɕ]|tʃ|dʒ|tɕ|dʑ)[\u0348ʰ]*[ˈˌ]?[ɑɒaæɔɛeɪioʊuəʌɚɝɜɯ]")
WINDOW = 0.1  # seconds around the note in which the rise is looked for
STEP = 500  # frames a second
SLOPE = 5  # frames over which the rise is taken
SMOOTH = 6  # frames of the Hann window over which energy is averaged; with a rectangular one it ripples with the period of low notes
FLOOR = 30  # dB below the loudest frame around the note: a rise out of silence into a soft consonant counts from there


def notes_of(times: dict) -> dict[int, float]:
    """Seconds at which the note of each syllable begins. Syllables and notes with a text are in the same order."""
    starts = {}
    for part in {s["part"] for s in times["syllable"]}:
        syllables = [i for i, s in enumerate(times["syllable"]) if s["part"] == part]
        notes = [n for n in times["note"] if n["part"] == part and n.get("text") is not None]
        if len(syllables) != len(notes):
            raise ValueError(f"part {part} has {len(syllables)} syllables and {len(notes)} notes with a text")
        starts.update((i, n["start_ms"] / 1000) for i, n in zip(syllables, notes))
    return starts


def onset_errors(wave: np.ndarray, rate: int, times: dict) -> list[tuple[dict, float]]:
    """Milliseconds from the note of each vowel that follows an obstruent to where the energy between 150 and 1200 Hz rises fastest."""
    low = sosfiltfilt(butter(4, [150, 1200], "band", fs=rate, output="sos"), wave)
    hop = rate // STEP
    window = np.hanning(SMOOTH * hop)
    power = np.convolve(low**2, window / window.sum(), "valid")[::hop]
    level = np.log(power + 1e-10) / 2
    at = (np.arange(len(level)) * hop + SMOOTH / 2 * hop) / rate
    errors = []
    starts = notes_of(times)
    for i, s in enumerate(times["syllable"]):
        if not OBSTRUENT.match(s["phonemes"]) or s["vowel_ms"] - s["start_ms"] < 20:
            continue
        near = np.flatnonzero((at > starts[i] - WINDOW) & (at < starts[i] + WINDOW))
        heard = np.maximum(level, level[near].max() - FLOOR * np.log(10) / 20)
        slope = heard[near[SLOPE:]] - heard[near[:-SLOPE]]
        k = slope.argmax()
        errors.append((s, 1000 * ((at[near[k]] + at[near[k + SLOPE]]) / 2 - starts[i])))
    return errors

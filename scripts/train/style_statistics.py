"""The named numbers of a style vector, measured on one clip: what a person would call its pitch, range, melody, pace, pauses, loudness, brightness, breath.

All standard deviations are of the population (ddof = 0). "Speech frames" are those whose normalised energy is at most SPEECH_BELOW below the clip's 95th
percentile (26 dB: a threshold that moves with the level). Every result is finite for every input, also an empty or wholly unvoiced one.
"""

import numpy as np

from features import F_REF, HOP, RATE
from symbols import OPTIONAL, SYMBOLS

FRAMES_PER_SECOND = RATE / HOP
SPEECH_BELOW = 2.0  # in units of normalised energy
TILT_BANDS = slice(3, 65)  # bands 3 to 64, both counted: inside the bandwidth of every corpus
SLOPE_LIMIT, SLOPE_FRAMES, SLOPE_SECONDS = 0.6, 20, 0.8
USUAL_VOICING = 0.9  # share of the frames of voiced sounds that are voiced, in ordinary speech
VOICED_CONSONANTS = set("m n ŋ l ɹ w j".split())
VOICED = np.array([i >= len(OPTIONAL) and (s in VOICED_CONSONANTS or s[-1] in "ɑæɔʊɪɛiuəʌɚɝ") for i, s in enumerate(SYMBOLS)])
NAMES = ["tilt", "pitch", "pitchRange", "slope", "rate", "pauses", "energyRange", "breathiness", "energy"]


def pitch_statistics(f0: np.ndarray) -> tuple[float, float, float]:
    """F0 [T] in Hz, 0 = unvoiced -> (pitch, pitchRange, slope) over the voiced frames.

    pitch: mean of ln(F0 / 160 Hz). pitchRange: SD of ln F0. slope: least-squares slope of ln F0 against time, per second, within +-0.6; 0 where there are
    fewer than 20 voiced frames or the first and last are less than 0.8 s apart.
    """
    voiced = np.flatnonzero(f0)
    if not len(voiced):
        return 0.0, 0.0, 0.0
    log = np.log(f0[voiced].astype(np.float64) / F_REF)
    slope, seconds = 0.0, voiced / FRAMES_PER_SECOND
    if len(voiced) >= SLOPE_FRAMES and seconds[-1] - seconds[0] >= SLOPE_SECONDS:
        t = seconds - seconds.mean()
        slope = float(np.clip((t * log).sum() / (t * t).sum(), -SLOPE_LIMIT, SLOPE_LIMIT))
    return float(log.mean()), float(log.std()), slope


def speech_frames(energy: np.ndarray) -> np.ndarray:
    """[T] bool"""
    return energy > np.percentile(energy, 95) - SPEECH_BELOW if len(energy) else np.zeros(0, bool)


def energy_statistics(energy: np.ndarray) -> tuple[float, float]:
    """Mean and SD of the normalised energy [T] over the speech frames: (energy, energyRange)."""
    if not len(energy):
        return 0.0, 0.0
    speech = energy[speech_frames(energy)].astype(np.float64)
    return float(speech.mean()), float(speech.std())


def tilt(mel: np.ndarray, energy: np.ndarray) -> float:
    """Mean over the speech frames of the least-squares slope of the normalised mel [T, MELS] over TILT_BANDS, whose positions run evenly from -1 to 1."""
    if not len(mel):
        return 0.0
    bands = mel[speech_frames(energy), TILT_BANDS].astype(np.float64).mean(0)  # the slope is linear: the mean spectrum's slope is the mean slope
    position = np.linspace(-1, 1, len(bands))
    return float((position * bands).sum() / (position * position).sum())


def is_sound(phonemes: np.ndarray) -> np.ndarray:
    return np.asarray(phonemes) >= len(OPTIONAL)


def inner_pauses(phonemes: np.ndarray) -> np.ndarray:
    """[P] bool: pauses between the first and the last sound."""
    sound = is_sound(phonemes)
    return ~sound & np.logical_or.accumulate(sound) & np.logical_or.accumulate(sound[::-1])[::-1]


def average_durations(clips) -> np.ndarray:
    """(phonemes [P], durations [P]) of many clips -> mean frames per symbol id [symbols]; pauses counted only inside a sentence."""
    total, count = np.zeros(len(SYMBOLS)), np.zeros(len(SYMBOLS))
    for phonemes, durations in clips:
        phonemes, durations = np.asarray(phonemes), np.asarray(durations, float)
        used = is_sound(phonemes) | inner_pauses(phonemes)
        np.add.at(total, phonemes[used], durations[used])
        np.add.at(count, phonemes[used], 1)
    sounds = np.arange(len(SYMBOLS)) >= len(OPTIONAL)
    fallback = np.where(sounds, total[sounds].sum() / max(1, count[sounds].sum()), 0)
    return np.where(count > 0, total / np.maximum(count, 1), fallback)


def pace(phonemes: np.ndarray, durations: np.ndarray, expected: np.ndarray) -> tuple[float, float]:
    """Against `expected`, average_durations of a reference: rate = ln(frames of the sounds / expected frames), negative = faster;
    pauses = ln((1 + frames of the inner pauses) / (1 + expected))."""
    phonemes, durations = np.asarray(phonemes), np.asarray(durations, float)
    sound, inner = is_sound(phonemes), inner_pauses(phonemes)
    usual = expected[phonemes]
    rate = np.log(max(1, durations[sound].sum()) / max(1, usual[sound].sum())) if sound.any() else 0.0
    return float(rate), float(np.log((1 + durations[inner].sum()) / (1 + usual[inner].sum())))


def breathiness(f0: np.ndarray, phonemes: np.ndarray, durations: np.ndarray) -> float:
    """0.9 minus the voiced share of the frames of vowels, nasals, liquids and glides; 0 where a clip has none."""
    voiced_sound = np.repeat(VOICED[np.asarray(phonemes)], durations)[: len(f0)]
    return float(USUAL_VOICING - (f0[: len(voiced_sound)][voiced_sound] > 0).mean()) if voiced_sound.any() else 0.0


def statistics(mel: np.ndarray, f0: np.ndarray, energy: np.ndarray, phonemes, durations, expected: np.ndarray) -> dict[str, float]:
    """All of NAMES of one clip: mel [T, MELS] and energy [T] normalised, F0 [T] in Hz (0 = unvoiced), ids and durations [P] (sum T)."""
    pitch, pitch_range, slope = pitch_statistics(f0)
    rate, pauses = pace(phonemes, durations, expected)
    level, level_range = energy_statistics(energy)
    values = tilt(mel, energy), pitch, pitch_range, slope, rate, pauses, level_range, breathiness(f0, phonemes, durations), level
    return dict(zip(NAMES, values))

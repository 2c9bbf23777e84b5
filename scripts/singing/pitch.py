"""Pitch trackers, and how far the pitch of sustained notes is from the score."""

import sys
import types

import numpy as np
import parselmouth
from scipy.signal import resample_poly

DOUBTFUL = 50  # cents from the score beyond which the large model decides: the small one confuses octaves where the second harmonic is the strongest
EDGE = 0.12  # seconds at either end of a vowel that belong to its neighbours
SUSTAINED = 0.3  # seconds of a vowel's middle that make a note sustained


def praat(wave: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in s, Hz, strength of the period: Praat's autocorrelation method (Boersma 1993)."""
    pitch = parselmouth.Sound(wave.astype(np.float64), rate).to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=1100)
    return pitch.xs(), pitch.selected_array["frequency"], pitch.selected_array["strength"]


def crepe(wave: np.ndarray, rate: int, size: str = "tiny") -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times in s, Hz, periodicity, every 30 ms: CREPE (Kim et al. 2018), `tiny` or `full`. Its bins are 20 cents wide; its own error is 5 cents."""
    sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))  # torchcrepe imports it for reading files, which is not done here
    import torch
    import torchcrepe

    torch.set_num_threads(1)
    torchcrepe.convert.dither = lambda cents: cents  # the package adds noise of up to 20 cents to each frame
    audio = torch.from_numpy(resample_poly(wave, 16000, rate).astype(np.float32))[None]
    decoder = torchcrepe.decode.weighted_argmax
    pitch, periodicity = torchcrepe.predict(audio, 16000, 480, 50, 1100, size, batch_size=64, return_periodicity=True, decoder=decoder)
    return np.arange(pitch.shape[1]) * 0.03, pitch[0].numpy(), periodicity[0].numpy()


def pitch_errors(track: tuple[np.ndarray, np.ndarray, np.ndarray], times: dict) -> list[tuple[dict, float]]:
    """Median error in cents of each sustained note, between the vowel's edges; NaN for a note without a pitch."""
    t, hz, periodicity = track
    syllables = [(s["part"], s["vowel_ms"] / 1000, s["end_ms"] / 1000) for s in times["syllable"]]
    errors = []
    for note in times["note"]:
        start, end = note["start_ms"] / 1000, note["end_ms"] / 1000
        own = [(v, e) for part, v, e in syllables if part == note["part"] and v < end and e > start]
        if not own:
            continue
        start, end = max(start, own[0][0]) + EDGE, min(end, own[-1][1]) - EDGE - 0.05
        if end - start < SUSTAINED:
            continue
        inside = (t >= start) & (t <= end) & (periodicity > 0.5) & (hz > 0)
        error = float(np.median(1200 * np.log2(hz[inside] / note["hz"]))) if inside.sum() >= 8 else np.nan
        errors.append((note, error))
    return errors


def crepe_errors(wave: np.ndarray, rate: int, times: dict) -> list[tuple[dict, float]]:
    """`pitch_errors` of CREPE tiny; of CREPE full, which takes 20 times as long, where that is far from the score."""
    errors = pitch_errors(crepe(wave, rate), times)
    for i, (note, error) in enumerate(errors):
        if abs(error) > DOUBTFUL:
            first, last = (int(rate * note[name] / 1000) for name in ("start_ms", "end_ms"))
            t, hz, periodicity = crepe(wave[first:last], rate, "full")
            errors[i] = pitch_errors((t + first / rate, hz, periodicity), {**times, "note": [note]})[0]
    return errors

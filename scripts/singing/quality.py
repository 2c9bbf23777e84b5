"""Harmonics to noise by Praat, and opinion by DNSMOS, which is made for speech. Needs praat-parselmouth, speechmos, onnxruntime and librosa."""

import numpy as np
import parselmouth
from scipy.signal import resample_poly

LOUD = 12  # dB below the loudest frame of speech down to which a voiced frame counts as a vowel
PIECE = 9.01  # seconds that DNSMOS rates at once


def _harmonicity(wave: np.ndarray, rate: int):
    return parselmouth.Sound(wave.astype(np.float64), rate).to_harmonicity_cc(0.01, 60.0)


def _middle(values: list[float]) -> float:
    found = [x for x in values if x == x and x > -100]
    return float(np.median(found)) if found else float("nan")


def note_harmonicity(wave: np.ndarray, rate: int, times: dict, longer: float = 0.4) -> list[tuple[dict, float]]:
    """Median dB in the middle of each note whose middle is longer than so many seconds."""
    hnr = _harmonicity(wave, rate)
    out = []
    for note in times["note"]:
        start, end = note["start_ms"] / 1000 + 0.2, note["end_ms"] / 1000 - 0.3
        if end - start >= longer:
            out.append((note, _middle([hnr.get_value(x) for x in np.arange(start, end, 0.02)])))
    return out


def spoken_harmonicity(wave: np.ndarray, rate: int) -> float:
    """Median dB of the frames of speech that are voiced and loud: the vowels."""
    sound = parselmouth.Sound(wave.astype(np.float64), rate)
    pitch, hnr, level = sound.to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=500), _harmonicity(wave, rate), sound.to_intensity(60.0)
    loudest = np.nanmax(level.values)
    voiced = [t for t, hz in zip(pitch.xs(), pitch.selected_array["frequency"]) if hz > 0]
    return _middle([hnr.get_value(t) for t in voiced if level.get_value(t) > loudest - LOUD])


def opinion(wave: np.ndarray, rate: int) -> float:
    """DNSMOS P.835, overall quality, 1 to 5: the mean of pieces of 9 s."""
    from speechmos import dnsmos

    audio = resample_poly(wave, 16000, rate)
    audio = audio / max(1.0, np.abs(audio).max())
    size = int(PIECE * 16000)
    pieces = [audio[i : i + size] for i in range(0, max(1, len(audio) - size // 2), size)]
    return float(np.mean([dnsmos.run(piece, 16000)["ovrl_mos"] for piece in pieces]))

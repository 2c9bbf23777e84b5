"""Compares notes of 3 s with spoken vowels of the same voices: harmonics to noise by Praat, opinion by DNSMOS (P.835 and P.808).

Usage: notes.py FOLDER, with what notes.sh writes.
Needs: numpy scipy soundfile praat-parselmouth speechmos onnxruntime librosa.
"""

import json
import pathlib
import sys

import numpy as np
import parselmouth
import soundfile
from scipy.signal import resample_poly
from speechmos import dnsmos


def harmonicity(wave: np.ndarray, rate: int, start: float, end: float) -> float:
    """Median dB of frames with a period, between two times."""
    sound = parselmouth.Sound(wave.astype(np.float64), rate).extract_part(start, end)
    values = sound.to_harmonicity_cc(0.01, 60.0).values[0]
    return float(np.median(values[values > -100])) if (values > -100).any() else float("nan")


def vowels(wave: np.ndarray, rate: int) -> float:
    """Median dB of the spoken frames that are voiced and loud: the vowels."""
    sound = parselmouth.Sound(wave.astype(np.float64), rate)
    pitch, hnr, level = sound.to_pitch_ac(time_step=0.01, pitch_floor=60, pitch_ceiling=500), sound.to_harmonicity_cc(0.01, 60.0), sound.to_intensity(60.0)
    loudest = np.nanmax(level.values)
    found = []
    for t, hz in zip(pitch.xs(), pitch.selected_array["frequency"]):
        db = level.get_value(t)
        if hz > 0 and db == db and db > loudest - 12:
            found.append(hnr.get_value(t))
    return float(np.median([x for x in found if x == x and x > -100]))


def opinion(wave: np.ndarray, rate: int) -> tuple[float, float]:
    """DNSMOS: overall quality (P.835), and P.808."""
    audio = resample_poly(wave, 16000, rate)
    scores = dnsmos.run(audio / max(1.0, np.abs(audio).max()), 16000)
    return scores["ovrl_mos"], scores["p808_mos"]


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = []
    for spoken in sorted(folder.glob("*-spoken.wav")):
        voice = spoken.stem.removesuffix("-spoken")
        speech, rate = soundfile.read(spoken)
        sung, _ = soundfile.read(folder / f"{voice}.wav")
        notes = json.loads((folder / f"{voice}.json").read_text())["note"]
        hnr = [harmonicity(sung, rate, n["start_ms"] / 1000 + 0.2, n["end_ms"] / 1000 - 0.2) for n in notes]
        row = [vowels(speech, rate), float(np.median(hnr)), min(hnr), *opinion(speech, rate), *opinion(sung, rate)]
        rows.append(row)
        worst = notes[int(np.argmin(hnr))]
        print(f"{voice:8} HNR spoken {row[0]:4.1f} sung {row[1]:4.1f} dB, least {row[2]:4.1f} ({worst['text']} {worst['pitch']}) | DNSMOS spoken {row[3]:.2f}/{row[4]:.2f} sung {row[5]:.2f}/{row[6]:.2f}", flush=True)
    mean = np.mean(rows, 0)
    print(f"mean     HNR spoken {mean[0]:4.1f} sung {mean[1]:4.1f} dB | DNSMOS spoken {mean[3]:.2f}/{mean[4]:.2f} sung {mean[5]:.2f}/{mean[6]:.2f}")


main()

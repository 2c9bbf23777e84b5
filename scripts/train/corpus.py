"""Reads the speech corpora: `<corpus>/metadata.tsv` plus `<corpus>/audio/<id>.opus`, and knows which clips are held out."""

import csv
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Clip:
    """One recording. `prompt` names the text that is spoken: takes of one prompt share it."""

    id: str
    corpus: str
    prompt: str
    text: str
    seconds: float
    take: int
    path: Path


def read_clips(root: Path, corpus: str) -> list[Clip]:
    """All clips of a corpus folder, in the order of its metadata. Fields are never quoted (texts hold plain double quotes)."""
    folder = Path(root) / corpus
    with open(folder / "metadata.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    clips = [
        Clip(r["id"], corpus, prompt_of(r["id"]), r["text"], float(r["seconds"]), int(r.get("take") or 1), folder / "audio" / f"{r['id']}.opus")
        for r in rows
    ]
    return refile_neighbours(clips)


def prompt_of(clip_id: str) -> str:
    """`arctic_b0537_1592524806` -> `arctic_b0537` (a take is prompt plus recording time); other ids are their own prompt."""
    match = re.fullmatch(r"(arctic_[ab]\d{4})_\d+", clip_id)
    return match.group(1) if match else clip_id


def refile_neighbours(clips: list[Clip]) -> list[Clip]:
    """A take whose text is that of the prompt just before or after its own counts for the prompt that it speaks."""
    text_of = {c.prompt: c.text for c in clips if c.take == 1}
    result = []
    for clip in clips:
        match = re.fullmatch(r"(arctic_[ab])(\d{4})", clip.prompt)
        if match and clip.take == 0 and clip.text != text_of.get(clip.prompt):
            for number in (int(match[2]) - 1, int(match[2]) + 1):
                neighbour = f"{match[1]}{number:04d}"
                if text_of.get(neighbour) == clip.text:
                    clip = Clip(clip.id, clip.corpus, neighbour, clip.text, clip.seconds, clip.take, clip.path)
        result.append(clip)
    return result


def choose_held_out(clips: list[Clip], count: int) -> list[str]:
    """The last `count` prompts by id: never trained on by any stage."""
    return sorted({c.prompt for c in clips})[-count:]


def held_out_prompts(path: Path = HERE / "held-out.txt") -> set[str]:
    """Prompt ids listed in held-out.txt (`#` starts a comment)."""
    lines = (line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line}


def decode(path: Path, rate: int) -> np.ndarray:
    """Mono float32 samples at `rate` Hz, decoded by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ar", str(rate), "-ac", "1", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32).copy()

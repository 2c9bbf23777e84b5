"""Reads the speech corpora: `<corpus>/metadata.tsv` plus `<corpus>/audio/<id>.opus`, and knows which clips are held out."""

import csv
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

CORPORA = ["kathleen", "ljspeech", "cameron", "speechocean"]
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Clip:
    """One recording. `prompt` names the text that is spoken: takes of one prompt share it. `bandwidth` in Hz: above it the file holds nothing."""

    id: str
    corpus: str
    speaker: str
    sex: str
    prompt: str
    text: str
    seconds: float
    take: int
    bandwidth: int
    path: Path


def read_clips(root: Path, corpus: str) -> list[Clip]:
    """All clips of a corpus folder, in the order of its metadata. Fields are never quoted (texts hold plain double quotes)."""
    folder = Path(root) / corpus
    with open(folder / "metadata.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    clips = [
        Clip(r["id"], corpus, speaker_of(corpus, r["speaker"]), r["sex"], prompt_of(r["id"]), spoken_case(r["text"]), float(r["seconds"]),
             int(r.get("take") or 1), int(r["native_rate_hz"]) // 2, folder / "audio" / f"{r['id']}.opus")
        for r in rows
    ]  # fmt: skip
    return refile_neighbours(clips)


def speaker_of(corpus: str, speaker: str) -> str:
    """The corpus's name where one person reads all of it, `speechocean-0024` where many do."""
    return f"{corpus}-{speaker}" if speaker.isdigit() else corpus


def spoken_case(text: str) -> str:
    """`MARK IS GOING` -> `Mark is going.`: a text all in capitals without punctuation is a sentence, not a row of initialisms."""
    if text != text.upper() or not re.search(r"[A-Z]{2}", text) or re.search(r"[a-z.?!]", text):
        return text
    return text.capitalize().replace(" i ", " I ").replace(" i'", " I'") + "."


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
                    clip = replace(clip, prompt=neighbour)
        result.append(clip)
    return result


def choose_held_out(clips: list[Clip], count: int) -> list[str]:
    """The last `count` prompts by id: never trained on by any stage."""
    return sorted({c.prompt for c in clips})[-count:]


def held_out_prompts() -> set[str]:
    """Prompt ids that no stage is trained on."""
    return read_list(HERE / "held-out.txt")


def held_out_speakers() -> set[str]:
    """Speakers that no stage is trained on, for zero-shot measures."""
    return read_list(HERE / "held-out-speakers.txt")


def read_list(path: Path) -> set[str]:
    """Lines of a file; `#` starts a comment."""
    lines = (line.split("#")[0].strip() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {line for line in lines if line}


def decode(path: Path, rate: int) -> np.ndarray:
    """Mono float32 samples at `rate` Hz, decoded by ffmpeg."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ar", str(rate), "-ac", "1", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, np.float32).copy()

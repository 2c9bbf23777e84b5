"""Training data of the acoustic model: the teacher's recorded lines, and further lines of which there are durations, F0 and energy but no audio.

English lines come from the corpus and from `tune` in the work folder; Korean and British ones, if they are there, from `ko` and `gb` (corpora of the same form), `tune-ko` and `tune-gb` in the
work folder.
`readers` in the work folder (align_readers.py) has recorded lines of real speakers. They have no mixture of the teacher's voices: their style is always the style encoder's,
and only the mel decoder and the style encoder learn from them.
The leading silence of a line is cut to LEAD frames. A voice's pitch and pitch range are fitted over all lines as the same mixture that the voice is of the teacher's voices.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from acoustic import MEL_FLOOR
from data import HOP, Corpus
from spectra import bridge, log_mel
from phonemes import LANGUAGES, id_of
from tunes import write_tune
from tunes_korean import write_korean_tune

VOICES = """af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah af_sky am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck
am_santa bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis ef_dora em_alex em_santa ff_siwis hf_alpha hf_beta hm_omega hm_psi if_sara im_nicola jf_alpha
jf_gongitsune jf_nezumi jf_tebukuro jm_kumo pf_dora pm_alex pm_santa zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi zm_yunjian zm_yunxi zm_yunxia zm_yunyang""".split()
"""The teacher's voices; the order is that of the learned vectors."""
LEAD = 8
SOUND_LEAD = 4
"""Frames by which the teacher's sounds are heard before the frames of their symbols: on 577 recorded lines the correlation of voicing with the symbols is 0.52 at 4, 0.51 at 5 and 0.32 at 0."""
ENERGY_MEAN, ENERGY_SCALE = 4.0, 4.0
KOREAN, BRITISH = LANGUAGES.index("ko"), LANGUAGES.index("en-GB")
FOLDERS = {KOREAN: "ko", BRITISH: "gb"}
"""The further corpora by language, in the order in which they follow the first in the joined arrays."""
MAIN = ["af_heart", "af_sarah", "af_river", "am_michael", "am_puck", "am_echo"]


def weights(mixture: str) -> np.ndarray:
    """`af_heart:0.3 am_puck:0.7` -> [VOICES], sum 1; zeros for an empty mixture (a reader)."""
    row = np.zeros(len(VOICES), np.float32)
    for part in mixture.split():
        name, share = part.split(":")
        row[VOICES.index(name)] += float(share)
    return row / max(row.sum(), 1e-6)


@dataclass
class Line:
    """Phonemes [P], frames per phoneme [P], F0 in Hz bridged over unvoiced frames [T], voicing [T], energy normalised [T]; `start` is the first frame in the corpus' arrays, or -1 without audio."""

    id: str
    speaker: str
    kind: str
    text: str
    phonemes: np.ndarray
    frames: np.ndarray
    f0: np.ndarray
    voiced: np.ndarray
    energy: np.ndarray
    timbre: np.ndarray
    tune: np.ndarray
    speed: float
    start: int
    held_out: bool
    language: int = 0
    """Place in phonemes.LANGUAGES."""
    statistics: np.ndarray = field(default_factory=lambda: np.zeros(4, np.float32))
    """pitch, pitchRange, rate, pauses."""
    reader: bool = False
    """A recorded speaker who is none of the teacher's voices."""
    edited: bool = False
    """Are `goal_f0` and `goal_voiced` other than the teacher's (tunes.py)?"""
    original: "Line | None" = None
    """The recorded line that this one was made of (stretched.py)."""
    mel: np.ndarray | None = None
    """Mel [T, MELS], if it is not that of the corpus' arrays."""

    def __post_init__(self):
        self.goal_f0, self.goal_voiced, self.counted = self.f0, self.voiced, np.ones(len(self.phonemes), np.float32)
        """What prosody is to learn [T] each, and which durations it is to learn [P]."""
        self.goal_frames: np.ndarray | None = None
        """Durations to learn [P], where they are not `frames`, by which the curves and the mel are laid out."""

    def contour(self) -> np.ndarray:
        """Goal [T] as the network gives it: (ln(F0 / 160 Hz) - pitch) / pitchRange."""
        return (np.log(self.goal_f0 / 160) - self.statistics[0]) / self.statistics[1]


def make_line(start: int, frames: np.ndarray, f0: np.ndarray, energy: np.ndarray, **rest) -> Line:
    cut = max(0, int(frames[0]) - LEAD)
    frames = frames.astype(np.int64).copy()
    frames[0] -= cut
    f0, energy = f0[cut:].astype(np.float32), energy[cut:].astype(np.float32)
    voiced = (f0 > 40).astype(np.float32)
    bridged = bridge(torch.from_numpy(f0), torch.from_numpy(voiced)).numpy()
    return Line(frames=frames, f0=bridged, voiced=voiced, energy=(energy - ENERGY_MEAN) / ENERGY_SCALE, start=start + cut if start >= 0 else -1, **rest)


def recorded_lines(corpus: Corpus, folder: Path, language=0, offset=0) -> list[Line]:
    """`offset`: frame number of the corpus' first frame among all corpora."""
    ids = np.array([id_of(s) for s in corpus.table])
    with open(folder / "metadata.tsv", encoding="utf-8") as file:
        speeds = {row["id"]: float(row["speed"]) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    lines = []
    for c in corpus.clips:
        symbols, hops = slice(c.symbol_start, c.symbol_start + c.symbols), slice(c.start, c.start + c.hops)
        lines.append(make_line(c.start + offset, corpus.frames[symbols], corpus.f0[hops], corpus.energy[hops], id=c.id, speaker=c.speaker, kind=c.kind, text=c.text, phonemes=ids[corpus.symbols[symbols]],
                               timbre=weights(c.timbre), tune=weights(c.prosody), speed=speeds[c.id], held_out=c.held_out, language=language, reader=not c.timbre.strip()))  # fmt: skip
    return lines


def packed(path: Path) -> dict[str, np.ndarray]:
    """Arrays of `pack_tune.py` as generate_tune.py wrote them, the frames in between interpolated."""
    a = np.load(path)
    cents, energy = (np.cumsum(a[name], dtype=np.int64).astype(np.float32) for name in ("cents", "energy"))
    f0 = np.where(cents > 0, 40 * 2 ** (cents / 1200), 0).astype(np.float32)
    after = np.append(f0[1:], 0)
    between = np.where((f0 > 0) & (after > 0), (f0 + after) / 2, f0)
    doubled = lambda x, y: np.stack([x, y], 1).reshape(-1)
    return dict(ids=a["ids"], kinds=a["kinds"], tune=a["tune"], speed=a["speed"], symbols=a["table"][a["symbols"]], frames=a["frames"].astype(np.int64) * 2, f0=doubled(f0, between),
                energy=doubled(energy, (energy + np.append(energy[1:], energy[-1])) / 2) / 12, sizes=a["sizes"], texts=a["texts"])  # fmt: skip


def tune_lines(folder: Path, forbidden: set[bytes], language=0) -> list[Line]:
    """Lines without audio, from pack_tune.py's file if there is one, else from generate_tune.py's; those whose phonemes are in `forbidden` (held-out recorded lines) are left
    out, every twentieth is held out itself."""
    lines, whole = [], folder / "tune-all.npz"
    for arrays in [packed(whole)] if whole.exists() else (dict(np.load(path)) for path in sorted(folder.glob("tune-[0-9]*.npz"))):
        symbol, hop = 0, 0
        ids = np.array([id_of(str(s)) for s in arrays["symbols"]])
        frames, f0, energy = arrays["frames"], arrays["f0"], arrays["energy"]
        for line_id, kind, tune, speed, (count, hops), text in zip(arrays["ids"], arrays["kinds"], arrays["tune"], arrays["speed"], arrays["sizes"], arrays["texts"]):
            part = ids[symbol : symbol + count]
            if part.tobytes() not in forbidden:
                mixture = weights(str(tune))
                lines.append(make_line(-1, frames[symbol : symbol + count], f0[hop : hop + hops], energy[hop : hop + hops], id=str(line_id), speaker=str(tune), kind=str(kind), text=str(text), phonemes=part,
                                       timbre=mixture, tune=mixture, speed=float(speed), held_out=int(line_id[1:]) % 20 == 7, language=language))  # fmt: skip
            symbol, hop = symbol + count, hop + hops
    return lines


def fit_statistics(lines: list[Line]) -> np.ndarray:
    """Pitch and pitch range of each of the teacher's voices [VOICES, 2] by least squares over the lines, and writes every line's statistics."""
    known = [line for line in lines if line.voiced.sum() > 20 and not line.held_out and not line.reader]
    mixtures = np.stack([line.tune for line in known])
    logs = [np.log(line.f0[line.voiced > 0] / 160) for line in known]
    weight = np.sqrt([len(x) for x in logs])[:, None]
    solve = lambda goal, usual: usual + np.linalg.solve((mixtures * weight).T @ (mixtures * weight) + 10 * np.eye(len(VOICES)), (mixtures * weight).T @ ((goal - usual)[:, None] * weight))[:, 0]
    means = np.array([x.mean() for x in logs])
    pitch = solve(means, means.mean())
    spreads = np.array([np.sqrt(((x - row @ pitch) ** 2).mean()) for x, row in zip(logs, mixtures)])
    spread = solve(spreads, spreads.mean())
    table = np.stack([pitch, np.maximum(spread, 0.08)], 1).astype(np.float32)
    of_reader: dict[str, list[np.ndarray]] = {}
    for line in lines:
        if line.reader:
            of_reader.setdefault(line.speaker, []).append(np.log(line.f0[line.voiced > 0] / 160))
    measured = {speaker: np.concatenate(logs) for speaker, logs in of_reader.items()}
    for line in lines:
        own = measured[line.speaker] if line.reader else None
        pitch_and_range = line.tune @ table if own is None else (own.mean(), max(0.08, own.std()))
        line.statistics = np.array([*pitch_and_range, -np.log(line.speed), -np.log(line.speed)], np.float32)
    return table


def load_mels(corpus: Corpus, work: Path) -> np.ndarray:
    """[hops, MELS] float16 of the whole corpus, floored; written once."""
    path = work / "mel.npy"
    if not path.exists() or len(np.load(path, mmap_mode="r")) != len(corpus.f0):
        whole = np.zeros((len(corpus.f0), 100), np.float16)
        for clip in corpus.clips:
            mel = log_mel(torch.from_numpy(corpus.wave(clip))[None])[0].T
            whole[clip.start : clip.start + clip.hops] = mel.clamp_min(MEL_FLOOR).numpy()
        np.save(path.with_suffix(".new.npy"), whole)
        path.with_suffix(".new.npy").rename(path)
    return np.load(path, mmap_mode="r")


class Joined:
    """Arrays end to end, for slices that lie within one of them."""

    def __init__(self, *parts: np.ndarray):
        self.parts = parts

    def __getitem__(self, frames: slice) -> np.ndarray:
        first, stop = frames.start, frames.stop
        for part in self.parts:
            if first < len(part):
                return part[first:stop]
            first, stop = first - len(part), stop - len(part)
        raise IndexError(frames)


def lend(line: Line, table: np.ndarray) -> None:
    """Gives a Korean line without audio to an English voice: the same rhythm and the same contour about that voice's pitch. The teacher's English voices have a rhythm of their own in Korean,
    which a recogniser understands much worse."""
    draw = np.random.default_rng(int(line.id[1:]))
    english = [name for name in VOICES if name[0] in "ab"]
    name = str(draw.choice(MAIN if draw.random() < 0.7 else english))
    contour = line.contour()
    line.speaker, line.tune = name, weights(f"{name}:1")
    line.timbre = line.tune
    line.statistics = np.array([*(line.tune @ table), *line.statistics[2:]], np.float32)
    line.f0 = line.goal_f0 = (160 * np.exp(line.statistics[0] + line.statistics[1] * contour)).astype(np.float32)


def load(folder: Path, work: Path) -> tuple[Corpus, np.ndarray | Joined, list[Line], list[Line], np.ndarray]:
    """-> English corpus, mels of all recorded lines, recorded lines, lines without audio, statistics of the teacher's voices."""
    corpus = Corpus(folder, work)
    recorded, parts = recorded_lines(corpus, folder), [load_mels(corpus, work)]
    for language, name in FOLDERS.items():
        if (work / name).exists():
            other = Corpus(work / name, work / f"{name}-cache")
            recorded += recorded_lines(other, work / name, language, sum(len(part) for part in parts))
            parts.append(load_mels(other, work / f"{name}-cache"))
    if (work / "readers").exists():
        readers = Corpus(work / "readers", work / "readers-cache")
        recorded += recorded_lines(readers, work / "readers", 0, sum(len(part) for part in parts))
        parts.append(load_mels(readers, work / "readers-cache"))
    mels = Joined(*parts) if len(parts) > 1 else parts[0]
    forbidden = {line.phonemes.tobytes() for line in recorded if line.held_out}
    more = tune_lines(work / "tune", forbidden)
    for language, name in FOLDERS.items():
        more += tune_lines(work / f"tune-{name}", forbidden, language)
    table = fit_statistics(recorded + more)
    for line in more:
        if line.language == KOREAN and int(line.id[1:]) % 2:
            lend(line, table)
    for line in recorded + more:
        if line.reader:
            line.counted = np.zeros_like(line.counted)
            continue
        (write_korean_tune if line.language == KOREAN else write_tune)(line)
    return corpus, mels, recorded, more, table


__all__ = ["HOP", "Line", "VOICES", "load", "weights"]

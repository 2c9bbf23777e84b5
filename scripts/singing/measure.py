"""Measures singing with the weights in shards/: pitch, vowel onsets, words and sound. One command, four minutes of processor time:

    python scripts/singing/measure.py

It sings the songs of test/golden/songs with the voice clara, and notes of 3 s with several voices (render.ts, expression 0), and prints the figures of docs/singing.md.
Needs Node and the Python packages of requirements.txt. torchcrepe works without its dependency torchaudio.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import soundfile
from onsets import onset_errors
from pitch import crepe_errors, pitch_errors, praat
from quality import note_harmonicity, opinion, spoken_harmonicity
from words import Listener, syllable_rate

VOICES = ["clara", "hazel", "sora", "miles", "jiho"]
CENTS = 15
MILLISECONDS = 30
SLOW = 3  # syllables a second up to which words count
WORD_ERROR = 0.4


def read(path: pathlib.Path) -> tuple[np.ndarray, int, dict]:
    wave, rate = soundfile.read(path)
    return wave, rate, json.loads(path.with_suffix(".json").read_text())


def share(values, most: float) -> float:
    return 100 * float(np.mean(np.abs(values) <= most)) if len(values) else float("nan")


def report(what: str, measured: str, target: str, met: bool) -> None:
    print(f"| {what} | {measured} | {target} | {'yes' if met else 'NO'} |")


def measure_songs(folder: pathlib.Path, listener: Listener, details: bool) -> None:
    print("| song | syllables/s | sustained notes | CREPE: median, worst | Praat: median, worst | onsets | median, within 30 ms | harmonics to noise | word errors |")
    print("|---|---|---|---|---|---|---|---|---|")
    totals = {"crepe": [], "praat": [], "onset": [], "hnr": []}
    wrong = said = 0
    heard = []
    for path in sorted(folder.glob("*.wav")):
        wave, rate, times = read(path)
        notes = {"crepe": crepe_errors(wave, rate, times), "praat": pitch_errors(praat(wave, rate), times)}
        tracks = {name: np.array([e for _, e in errors]) for name, errors in notes.items()}
        onsets = onset_errors(wave, rate, times)
        late = np.array([e for _, e in onsets])
        hnr = [x for _, x in note_harmonicity(wave, rate, times)]
        for name, values in (("crepe", tracks["crepe"]), ("praat", tracks["praat"]), ("onset", late), ("hnr", hnr)):
            totals[name] += list(values)
        speed = syllable_rate(times)
        word_column = ""
        if all(ord(c) < 128 for s in times["syllable"] for c in s["text"]) and speed <= SLOW:
            errors, count, text = listener.errors(wave, rate, times)
            wrong, said = wrong + errors, said + count
            heard.append(f"{path.stem}: {text}")
            word_column = f"{errors} of {count}"
        columns = [f"{np.nanmedian(np.abs(t)):.1f}, {np.nanmax(np.abs(t)):.1f} cents" for t in tracks.values()]
        print(
            f"| {path.stem} | {speed:.1f} | {len(tracks['crepe'])} | {columns[0]} | {columns[1]} | {len(late)} | {np.median(np.abs(late)):.0f} ms, {share(late, MILLISECONDS):.0f} % "
            f"| {np.nanmedian(hnr):.1f} dB | {word_column} |",
            flush=True,
        )
        if details:
            for s, error in onsets:
                if abs(error) > MILLISECONDS:
                    print(f"    onset {s['text']} /{s['phonemes']}/ at {s['vowel_ms'] / 1000:.2f} s: {error:+.0f} ms")
    for line in heard:
        print(f"    {line}")
    print("\n| measure | measured | target | met |\n|---|---|---|---|")
    for name in ("crepe", "praat"):
        cents = np.abs(totals[name])
        report(f"pitch of {len(cents)} sustained notes, {name}", f"median error {np.nanmedian(cents):.1f} cents, {share(cents, CENTS):.1f} % within {CENTS}", f"within {CENTS} cents", bool(np.all(cents <= CENTS)))
    late = np.array(totals["onset"])
    report(f"onsets of {len(late)} vowels", f"median error {np.median(np.abs(late)):.0f} ms, {share(late, MILLISECONDS):.0f} % within {MILLISECONDS}", f"within {MILLISECONDS} ms", bool(np.all(np.abs(late) <= MILLISECONDS)))
    report(f"word errors of Whisper base, {said} words", f"{100 * wrong / said:.1f} %", f"at most {100 * WORD_ERROR:.0f} %", wrong <= WORD_ERROR * said)
    report("harmonics to noise of the songs' long notes", f"median {np.nanmedian(totals['hnr']):.1f} dB", "-", True)


def measure_notes(folder: pathlib.Path) -> None:
    print("\nNotes of 3 s against the same voice's spoken vowels and a spoken sentence:\n")
    print("| voice | HNR sung: median, least | HNR spoken vowels, sentence | DNSMOS sung notes | DNSMOS spoken vowels, sentence |\n|---|---|---|---|---|")
    rows = []
    for path in sorted(folder.glob("*.json")):
        sung, rate, times = read(path.with_suffix(".wav"))
        spoken = {name: soundfile.read(folder / f"{path.stem}-{name}.wav")[0] for name in ("vowels", "sentence")}
        notes = note_harmonicity(sung, rate, times)
        hnr = [x for _, x in notes]
        worst = notes[int(np.nanargmin(hnr))][0]
        row = [np.nanmedian(hnr), np.nanmin(hnr), *(spoken_harmonicity(w, rate) for w in spoken.values()), opinion(sung, rate), *(opinion(w, rate) for w in spoken.values())]
        rows.append(row)
        print(f"| {path.stem} | {row[0]:.1f}, {row[1]:.1f} dB ({worst['text']} {worst['pitch']}) | {row[2]:.1f}, {row[3]:.1f} dB | {row[4]:.2f} | {row[5]:.2f}, {row[6]:.2f} |", flush=True)
    m = np.mean(rows, 0)
    print(f"| mean | {m[0]:.1f}, {m[1]:.1f} dB | {m[2]:.1f}, {m[3]:.1f} dB | {m[4]:.2f} | {m[5]:.2f}, {m[6]:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, help="folder for the audio, which is kept (default: a temporary folder)")
    parser.add_argument("--rendered", action="store_true", help="measure what --out holds already")
    parser.add_argument("--voices", nargs="*", default=VOICES, help=f"voices of the notes of 3 s (default: {' '.join(VOICES)})")
    parser.add_argument("--details", action="store_true", help="list the onsets that are too early or too late")
    args = parser.parse_args()
    if args.rendered and args.out is None:
        parser.error("--rendered needs --out")
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.out or pathlib.Path(temporary)
        if not args.rendered:
            render = pathlib.Path(__file__).with_name("render.ts")
            subprocess.run(["node", "--no-warnings", str(render), str(folder.resolve()), *args.voices], check=True)
        measure_songs(folder / "songs", Listener(), args.details)
        if args.voices:
            measure_notes(folder / "notes")


main()

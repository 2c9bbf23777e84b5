"""Measure a folder of synthesized WAVs, named by held-out clip id, against the recordings: WER, DNSMOS, mel distance, F0, voicing, durations.

Every set of clips (recordings included) is brought to the same level, -26 dBFS, and goes through the same decoder with the same settings.
"""

import argparse
import json
import re
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import soundfile
import torch

from corpus import decode
from features import HOP, MEL_SCALE, RATE, Store, clean_pitch, log_mel, track_pitch

LEVEL = 10 ** (-26 / 20)  # RMS of every clip before it is recognised or rated


def levelled(wave: np.ndarray) -> np.ndarray:
    """RMS over the frames that hold speech (within 35 dB of the loudest) brought to -26 dBFS."""
    frames = wave[: len(wave) // 480 * 480].reshape(-1, 480)
    power = (frames.astype(np.float64) ** 2).mean(1)
    speech = power[power > power.max() * 10**-3.5].mean()
    return np.clip(wave * (LEVEL / np.sqrt(max(speech, 1e-12))), -1, 1).astype(np.float32)


def words(text: str) -> list[str]:
    """Lower case, letters and apostrophes only: what the recogniser's dictionary can spell."""
    text = text.lower().replace("’", "'").replace("etc.", "et cetera").replace("-", " ")
    text = re.sub(r"\bmr\.", "mister", re.sub(r"\bmrs\.", "missus", re.sub(r"\bdr\.", "doctor", text)))
    return [w for w in (w.strip("'") for w in re.sub(r"[^a-z' ]+", " ", text).split()) if w]


def edit_distance(a: list[str], b: list[str]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


_decoder = None


def recognise(wave: np.ndarray) -> list[str]:
    """pocketsphinx, US English, its default language model: samples at 16 kHz -> words."""
    global _decoder
    if _decoder is None:
        from pocketsphinx import Decoder

        _decoder = Decoder(samprate=16000, loglevel="FATAL")
    silence = np.zeros(3200, np.float32)
    pcm = (np.concatenate([silence, wave, silence]) * 32767).astype(np.int16).tobytes()
    _decoder.start_utt()
    _decoder.process_raw(pcm, full_utt=True)
    _decoder.end_utt()
    hypothesis = _decoder.hyp()
    return words(hypothesis.hypstr) if hypothesis else []


_rater = None


def rate(wave: np.ndarray, model: Path) -> list[float]:
    """DNSMOS (Reddy et al. 2021) [signal, background, overall] of 16 kHz samples, mean over 9.01 s windows; short clips are repeated."""
    global _rater
    if _rater is None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        _rater = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    size = int(9.01 * 16000)
    while len(wave) < size:
        wave = np.concatenate([wave, wave])
    scores = []
    for at in range(0, len(wave) - size + 1, 16000):
        scores.append(_rater.run(None, {_rater.get_inputs()[0].name: wave[None, at : at + size].astype(np.float32)})[0][0])
    signal, background, overall = np.mean(scores, 0)
    return [
        np.polyval([-0.08397278, 1.22083953, 0.0052439], signal),
        np.polyval([-0.13166888, 1.60915514, -0.39604546], background),
        np.polyval([-0.06766283, 1.11546468, 0.04602535], overall),
    ]


def warp(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dynamic time warping of two mels [T, MELS] by their smooth shape: frame indices of the path in each."""
    distance = np.sqrt(np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T, 0))
    cost = np.full((len(a) + 1, len(b) + 1), np.inf)
    cost[0, 0] = 0
    for i in range(len(a)):
        above = np.minimum(cost[i, 1:], cost[i, :-1]) + distance[i]
        left = cost[i + 1, 0]
        for j in range(len(b)):
            left = min(above[j], left + distance[i, j])
            cost[i + 1, j + 1] = left
    i, j, path = len(a), len(b), []
    while i and j:
        path.append((i - 1, j - 1))
        step = np.argmin([cost[i - 1, j - 1], cost[i - 1, j], cost[i, j - 1]])
        i, j = i - (step != 2), j - (step != 1)
    return tuple(np.array(path[::-1]).T)


def compare(real: np.ndarray, made: np.ndarray, aligned: bool) -> dict:
    """Frame measures between a recording and a synthesis at 24 kHz; `aligned`: same timing already (copy-synthesis)."""
    mels, pitches = [], []
    for wave in (real, made):
        wave = levelled(wave)[: len(wave) // HOP * HOP]
        mels.append(log_mel(torch.from_numpy(wave), len(wave) // HOP).numpy())
        pitches.append(clean_pitch(track_pitch(wave)))
    n = min(map(len, mels))
    i, j = (np.arange(n),) * 2 if aligned else warp(mels[0], mels[1])
    f, g = pitches[0][i], pitches[1][j]
    both = (f > 0) & (g > 0)
    semitones = 12 * np.log2(f[both] / g[both])
    spread = lambda p: float(np.std(12 * np.log2(p[p > 0]))) if (p > 0).any() else 0.0
    return dict(
        mel_db=float(np.abs(mels[0][i] - mels[1][j]).mean() * MEL_SCALE * 20 / np.log(10)),
        f0_rmse_st=float(np.sqrt((semitones**2).mean())) if both.any() else 0.0,
        voicing_error=float(((f > 0) != (g > 0)).mean()), f0_sd_st=spread(pitches[1]), f0_sd_real_st=spread(pitches[0]),
        duration_error=abs(len(made) / len(real) - 1), duration_ratio=len(made) / len(real),
    )  # fmt: skip


def measure(job: tuple) -> dict:
    clip, real_path, path, aligned, dnsmos = job
    wave16 = levelled(decode(path, 16000))
    said, heard = words(clip["text"]), recognise(wave16)
    row = dict(id=clip["id"], corpus=clip["corpus"], errors=edit_distance(said, heard), words=len(said), heard=" ".join(heard))
    if dnsmos:
        row |= dict(zip(("signal", "background", "overall"), map(float, rate(wave16, dnsmos))))
    if path != real_path:
        made, rate_hz = soundfile.read(path, dtype="float32")
        assert rate_hz == RATE, path
        row |= compare(decode(real_path, RATE), made, aligned)
    return row


def summary(rows: list[dict]) -> dict:
    result = dict(clips=len(rows), wer=sum(r["errors"] for r in rows) / sum(r["words"] for r in rows))
    for name in ("signal", "background", "overall", "mel_db", "f0_rmse_st", "voicing_error", "f0_sd_st", "f0_sd_real_st", "duration_error", "duration_ratio"):
        values = [r[name] for r in rows if name in r]
        if values:
            result[name] = float(np.mean(values))
    return result


def table(results: dict) -> str:
    columns = [("wer", "WER", "{:.1%}"), ("overall", "DNSMOS overall", "{:.2f}"), ("signal", "signal", "{:.2f}"), ("background", "background", "{:.2f}"),
               ("mel_db", "log-mel distance, dB", "{:.2f}"), ("f0_rmse_st", "F0 RMSE, semitones", "{:.2f}"), ("voicing_error", "voicing error", "{:.1%}"),
               ("f0_sd_st", "F0 SD, semitones", "{:.2f}"), ("duration_error", "duration error", "{:.1%}")]  # fmt: skip
    lines = ["| set | voice | clips | " + " | ".join(c[1] for c in columns) + " |", "|---" * (len(columns) + 3) + "|"]
    for name, voices in results.items():
        for voice, s in voices.items():
            cells = [form.format(s[key]) if key in s else "" for key, _, form in columns]
            lines.append(f"| {name} | {voice} | {s['clips']} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds the corpora")
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--set", nargs=2, action="append", metavar=("NAME", "FOLDER"), default=[], help="synthesized WAVs; a NAME that starts with copy has the recording's timing")
    parser.add_argument("--recordings", action="store_true", help="measure the recordings too")
    parser.add_argument("--dnsmos", type=Path, help="dnsmos_sig_bak_ovr.onnx")
    parser.add_argument("--every", type=int, default=1, help="take every n-th held-out clip")
    parser.add_argument("--speakers", nargs="+", default=["kathleen", "ljspeech", "cameron"])
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="JSON with every clip and the summaries; the table goes to standard output too")
    args = parser.parse_args()
    torch.set_num_threads(1)
    clips = [c for c in Store(args.features).held_out() if c["speaker"] in args.speakers][:: args.every]
    real = lambda c: args.data / c["corpus"] / "audio" / f"{c['id']}.opus"
    sets = ([("recording", None)] if args.recordings else []) + [(name, Path(folder)) for name, folder in args.set]
    results, details = {}, {}
    with Pool(args.processes) as pool:
        for name, folder in sets:
            jobs = [(c, real(c), folder / f"{c['id']}.wav" if folder else real(c), name.startswith("copy"), args.dnsmos) for c in clips]
            rows = details[name] = pool.map(measure, jobs, chunksize=1)
            results[name] = {v: summary([r for r in rows if v in ("all", r["corpus"])]) for v in [*args.speakers, "all"] if any(v in ("all", r["corpus"]) for r in rows)}
    args.out.write_text(json.dumps(dict(summary=results, clips=details), indent=1))
    print(table(results))


if __name__ == "__main__":
    main()

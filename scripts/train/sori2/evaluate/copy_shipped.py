"""PESQ of copy-synthesis by the int8 vocoder in shards/ and the product's waveform kernel (copy-shipped.ts), beside that of evaluate_vocoder.py by PyTorch on the same held-out clips."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import soundfile
import torch

HERE = Path(__file__).resolve().parent
sys.path += [str(HERE), str(HERE.parent)]
from data import Corpus  # noqa: E402
from evaluate_vocoder import chosen, wide_band_pesq  # noqa: E402
from spectra import bridge, log_mel  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder with the decoded corpus")
    parser.add_argument("--clips", type=int, default=60)
    a = parser.parse_args()
    corpus = Corpus(a.corpus, a.work)
    clips = chosen(corpus, a.clips)
    with tempfile.TemporaryDirectory() as folder:
        for clip in clips:
            f0 = torch.from_numpy(corpus.pitch(clip).copy())
            voiced = (f0 > 0).float()
            mel = log_mel(torch.from_numpy(corpus.wave(clip))[None])[0].T
            rows = torch.cat([mel, bridge(f0, voiced)[:, None], voiced[:, None]], 1)
            Path(folder, f"{clip.id}.f32").write_bytes(rows.numpy().astype("<f4").tobytes())
        subprocess.run(["node", "--no-warnings", str(HERE / "copy-shipped.ts"), folder], check=True)
        rows = [(clip.sex, wide_band_pesq(corpus.wave(clip), soundfile.read(Path(folder, f"{clip.id}.wav"))[0])) for clip in clips]
    print(f"PESQ, pulses that start anywhere, {len(rows)} clips: " + ", ".join(f"{word} {np.mean([x for s, x in rows if s == sex]):.2f}" for sex, word in (("f", "women"), ("m", "men"))))


if __name__ == "__main__":
    main()

"""Training curves from the CSV logs: one small PNG."""

import argparse
import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

PANELS = [
    ("acoustic", ["mel", "energy", "voicing", "speaker"], "Acoustic: L1 of mel and energy, cross-entropy of voicing and speaker"),
    ("acoustic", ["duration", "pitch"], "Acoustic: durations, ln F0"),
    ("acoustic", ["fool", "match", "critic"], "Acoustic: mel critics"),
    ("vocoder", ["spectral"], "Vocoder: spectral loss"),
    ("vocoder", ["fool", "match", "critic"], "Vocoder: critics"),
    ("refiner", ["flow"], "Refiner: rectified flow"),
]


def read_log(path: Path) -> dict[str, list[float]]:
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(r[name]) for r in rows] for name in rows[0]} if rows else {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", type=Path, required=True, help="folder of acoustic.csv, vocoder.csv, refiner.csv")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    figure, axes = plt.subplots(2, 3, figsize=(13, 6.5))
    for axis, (name, fields, title) in zip(axes.flat, PANELS):
        path = args.log / f"{name}.csv"
        log = read_log(path) if path.exists() else {}
        for field in fields:
            if field in log:
                shown = [(t / 60, v) for t, v in zip(log["cpu_seconds"], log[field]) if v != 0 and t > 60]
                axis.plot(*zip(*shown) if shown else ([], []), label=field)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("CPU minutes", fontsize=8)
        axis.tick_params(labelsize=7)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(args.out, dpi=75)


if __name__ == "__main__":
    main()

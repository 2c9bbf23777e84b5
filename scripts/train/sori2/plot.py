"""Draws log/curves.png: training losses and quality of both networks over core-minutes."""

import csv
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

LOG = Path(__file__).resolve().parent / "log"
PANELS = [
    ("vocoder.csv", ["spectral", "mel"], "vocoder: losses"),
    ("vocoder.csv", ["fooling", "matching", "critic"], "vocoder: critics"),
    ("vocoder-quality.csv", ["pesq_women", "pesq_men"], "vocoder: PESQ-WB, held out"),
    ("acoustic.csv", ["mel", "duration", "contour", "voicing", "energy"], "acoustic model: losses"),
    ("acoustic.csv", ["fooling", "matching", "critic"], "acoustic model: critics"),
    ("acoustic.csv", ["spelling", "near", "speaker", "balance"], "acoustic model: recognizer, speaker encoder, spectrum"),
    ("acoustic-quality.csv", ["f0_correlation_within_lines", "f0_deviation_ratio", "duration_correlation", "mel_own_curves"], "acoustic model: held out"),
]


def main() -> None:
    figure, axes = plt.subplots(2, 4, figsize=(20, 8))
    axes.flat[-1].set_visible(False)
    for axis, (name, fields, title) in zip(axes.flat, PANELS):
        if (LOG / name).exists():
            with open(LOG / name) as file:
                rows = list(csv.DictReader(file))
            for field in fields:
                known = [r for r in rows if r.get(field)]  # later losses have no value in the first rows
                axis.plot([float(r["cpu_seconds"]) / 60 for r in known], [float(r[field]) for r in known], ".-" if len(known) < 40 else "-", label=field)
            axis.legend()
        axis.set_title(title)
        axis.set_xlabel("core-minutes")
    figure.tight_layout()
    figure.savefig(LOG / "curves.png", dpi=70)


if __name__ == "__main__":
    main()

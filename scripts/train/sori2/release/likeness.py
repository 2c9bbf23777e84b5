"""Fits the axes that voices are compared by: `likeness.py STYLES.json AXES.json`, on what likeness.ts wrote.

Linear discriminant analysis (Fisher 1936): styles are whitened by how the passages of one speaker differ, and the axes along which speakers differ most are kept. The
direction from recordings to the model's own speech is taken out, as otherwise all recordings are alike. Held-out readers are only used for the figures.
"""

import json
import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parents[1]))
from acoustic import STATISTICS  # noqa: E402

AXES, SHRINKAGE = 24, 0.05


def main() -> None:
    passages = json.loads(Path(sys.argv[1]).read_text())
    styles, speakers = np.array([p["style"] for p in passages]), np.array([p["speaker"] for p in passages])
    real, held = (np.array([p[k] for p in passages]) for k in ("real", "heldOut"))
    used = [i for i in range(styles.shape[1]) if i not in (STATISTICS["rate"], STATISTICS["pauses"])]
    x = styles[:, used]
    groups = [np.flatnonzero(~held & (speakers == s)) for s in sorted(set(speakers[~held]))]
    covariances = []
    for kind in (True, False):
        rest = np.concatenate([x[g] - x[g].mean(0) for g in groups if real[g[0]] == kind])
        covariances.append(rest.T @ rest / len(rest))
    within = sum(covariances) / 2
    within = (1 - SHRINKAGE) * within + SHRINKAGE * np.diag(np.diag(within)) + 1e-6 * np.eye(len(used))
    whiten = np.linalg.cholesky(np.linalg.inv(within))
    means = [x[~held & (real == kind)].mean(0) for kind in (True, False)]
    apart = (means[0] - means[1]) @ whiten
    apart /= np.linalg.norm(apart)
    project = whiten @ (np.eye(len(used)) - np.outer(apart, apart))
    middle = (means[0] + means[1]) / 2
    of_speakers = np.array([((x[g] - middle) @ project).mean(0) for g in groups])
    axes = np.linalg.svd(of_speakers - of_speakers.mean(0), full_matrices=False)[2][:AXES] @ project.T
    whole = np.zeros((AXES, styles.shape[1]))
    whole[:, used] = axes
    mean = np.zeros(styles.shape[1])
    mean[used] = middle
    short = lambda row: [float(f"{v:.4g}") for v in row]
    Path(sys.argv[2]).write_text(json.dumps(dict(mean=short(mean), axes=[short(row) for row in whole])) + "\n")

    y = (styles - mean) @ whole.T
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    for name, chosen in (("held-out readers", held), ("voices of the model", ~real)):
        index = np.flatnonzero(chosen)
        same, other = [], []
        for i, a in enumerate(index):
            for b in index[:i]:
                (same if speakers[a] == speakers[b] else other).append(float(y[a] @ y[b]))
        rates = ", ".join(f"{t:.2f}: {np.mean(np.array(same) < t):.3f} / {np.mean(np.array(other) >= t):.3f}" for t in (0.5, 0.6, 0.65, 0.7, 0.8))
        print(f"{name}: {len(same)} pairs of one speaker, {len(other)} of two; share refused / accepted wrongly at {rates}")


if __name__ == "__main__":
    main()

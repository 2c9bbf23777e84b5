"""The space of style vectors, as the manifest describes it."""

import numpy as np

from acoustic import STATISTICS
from speak import style_of


def style_space(acoustic, table) -> dict:
    """Mean and standard deviation of each dimension over blends of the teacher's voices, by two and by three: what style ids are written in units of."""
    generator = np.random.default_rng(1)
    rows = []
    for _ in range(2000):
        mixture = np.zeros(len(table), np.float32)
        chosen = generator.choice(len(table), generator.integers(1, 4), replace=False)
        mixture[chosen] = generator.dirichlet(np.ones(len(chosen)))
        rows.append(style_of(acoustic, mixture, table)[0].numpy())
    mean, scale = np.mean(rows, 0), np.maximum(np.std(rows, 0), 0.02)
    # A cloned voice may differ in rate and pauses too.
    for name in ("rate", "pauses"):
        mean[STATISTICS[name]], scale[STATISTICS[name]] = 0.0, 0.2
    return dict(mean=[float(f"{x:.6g}") for x in mean], scale=[float(f"{x:.6g}") for x in scale])

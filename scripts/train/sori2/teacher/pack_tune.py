"""Packs the lines of generate_tune.py small enough to commit: `pack_tune.py FOLDER OUT` writes OUT/tune-all.npz.

Every second frame is kept (the teacher's own durations are even numbers of frames): F0 in steps of a hundredth of a semitone, 0 where it is unvoiced, energy in steps of 1/12.
"""

import sys
from pathlib import Path

import numpy as np

SYMBOLS_FILE = "symbols.txt"


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    parts = [np.load(path) for path in sorted(folder.glob("tune-[0-9]*.npz"))]
    joined = {name: np.concatenate([part[name] for part in parts]) for name in ("ids", "kinds", "texts", "tune", "speed", "symbols", "frames", "f0", "energy", "sizes")}
    f0 = joined["f0"][::2].astype(np.float32)
    cents = np.where(f0 > 40, np.round(1200 * np.log2(np.maximum(f0, 40) / 40)), 0).astype(np.int16)
    table, index = np.unique(joined["symbols"], return_inverse=True)
    np.savez_compressed(
        out / "tune-all.npz", ids=joined["ids"], kinds=joined["kinds"], texts=joined["texts"], tune=joined["tune"], speed=joined["speed"].astype(np.float32), table=table, symbols=index.astype(np.uint8),
        frames=(joined["frames"] // 2).astype(np.uint8), cents=np.diff(cents, prepend=np.int16(0)), energy=np.diff(np.round(joined["energy"][::2].astype(np.float32) * 12).astype(np.int16), prepend=np.int16(0)), sizes=joined["sizes"],
    )  # fmt: skip
    print(f"{len(joined['ids'])} lines, {(out / 'tune-all.npz').stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()

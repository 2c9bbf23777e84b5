"""The acoustic model's own mels of the recorded lines, with the teacher's durations and F0, so that they lie exactly under the recordings: decoded.npy.

The vocoder trains on them as well as on the recordings' mels (train_vocoder.py finds the file), so that it learns to speak from what it will be given.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from acoustic import Acoustic
from checkpoint import COMMITTED
from lines import VOICES, Joined, load
from speak import averaged, curves_of, style_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    a = parser.parse_args()
    torch.set_num_threads(1)
    _, mels, recorded, _, table = load(a.corpus, a.work)
    model = Acoustic(len(VOICES))
    model.load_state_dict(averaged(a.work / "acoustic.pt" if (a.work / "acoustic.pt").exists() else COMMITTED, "acoustic")[0])
    model.eval()
    # The vocoder is trained on the English corpus only.
    mels = mels.parts[0] if isinstance(mels, Joined) else mels
    out = np.array(mels)
    for line in [line for line in recorded if not line.language and not line.reader]:
        style = style_of(model, line.tune, table, line.speed, line.timbre)
        c = curves_of(model, line.phonemes, style, line.frames)
        with torch.no_grad():
            mel = model.mel_decoder(c["expanded"], torch.from_numpy(line.f0)[None], c["voicing"], c["energy"], style)[0]
        out[line.start : line.start + len(mel)] = mel.numpy()
    np.save(a.work / "decoded.new.npy", out)
    (a.work / "decoded.new.npy").rename(a.work / "decoded.npy")
    print("mean difference from the recordings' mels", float(np.abs(out[::7].astype(np.float32) - mels[::7].astype(np.float32)).mean()))


if __name__ == "__main__":
    main()

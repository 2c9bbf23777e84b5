"""Mels that the mel decoder makes of the training clips with the recordings' durations and F0: what vocoder and refiner will meet in use."""

import argparse
import os
from pathlib import Path

import numpy as np
import torch

from acoustic import load_acoustic, load_examples
from features import F_REF, Store
from networks import expand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, nargs="+", required=True)
    parser.add_argument("--alignment", type=Path, nargs="+", required=True)
    parser.add_argument("--acoustic", type=Path, required=True, help="checkpoint of train_acoustic.py")
    parser.add_argument("--every", type=int, default=1, help="take every n-th clip")
    parser.add_argument("--out", type=Path, required=True, help="file of {clip id: mel [T, MELS], style:clip id: style [S]} in float16")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model, mels, generator = load_acoustic(args.acoustic), {}, np.random.default_rng(0)
    with torch.no_grad():
        for example in load_examples([Store(folder) for folder in args.features], args.alignment)[:: args.every]:
            reference = example.reference(min(480, max(160, example.clip["frames"])), generator)  # the clip's own, so that level and room fit its recording
            style, _ = model.style(reference[None], example.measured[None])
            hidden, _ = model.text_encoder(example.phonemes[None], torch.tensor([example.language]), style)
            frames = expand(hidden[0], example.durations)[None]
            _, voicing, energy = model.prosody(frames, style)
            f0 = F_REF * torch.exp(example.curves[:, 0])[None]
            mels[example.clip["id"]] = model.mel_decoder(frames, f0, voicing, energy, style)[0].half()
            mels[f"style:{example.clip['id']}"] = style[0].half()
    temporary = args.out.with_suffix(".tmp")
    torch.save(mels, temporary)
    os.replace(temporary, args.out)
    print(f"{len(mels) // 2} clips")


if __name__ == "__main__":
    main()

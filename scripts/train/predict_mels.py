"""Mels that the mel decoder makes of the training clips with the recordings' durations and F0: what vocoder and refiner will meet in use."""

import argparse
import os
from pathlib import Path

import torch

from acoustic import load_acoustic, load_examples
from features import F_REF, Store
from networks import expand


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--alignment", type=Path, required=True)
    parser.add_argument("--acoustic", type=Path, required=True, help="checkpoint of train_acoustic.py")
    parser.add_argument("--out", type=Path, required=True, help="file of {clip id: mel [T, MELS] in float16}")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store, model, mels = Store(args.features), load_acoustic(args.acoustic), {}
    with torch.no_grad():
        for example in load_examples(store, args.alignment):
            keep = torch.ones(1, 2)  # with the clip's own residual, so that the predicted mel fits its recording's level and room
            style = model.styles(torch.tensor([example.speaker]), torch.tensor([example.index]), keep)
            hidden, _ = model.text_encoder(example.phonemes[None], torch.zeros(1, dtype=torch.long), style)
            frames = expand(hidden[0], example.durations)[None]
            _, voicing, energy = model.prosody(frames, style)
            f0 = F_REF * torch.exp(example.curves[:, 0])[None]
            mels[example.clip["id"]] = model.mel_decoder(frames, f0, voicing, energy, style)[0].half()
    temporary = args.out.with_suffix(".tmp")
    torch.save(mels, temporary)
    os.replace(temporary, args.out)
    print(f"{len(mels)} clips")


if __name__ == "__main__":
    main()

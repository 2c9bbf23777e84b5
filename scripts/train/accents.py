"""What accented training speech does to the readers: losses of prosody on the readers' held-out clips, in their voices' own styles, for one or more checkpoints."""

import argparse
from pathlib import Path

import torch

from acoustic import Acoustic, Example, load_acoustic, load_examples, voice_style
from features import Store
from networks import expand
from train_acoustic import duration_loss, masked


@torch.no_grad()
def prosody_losses(model: Acoustic, style: torch.Tensor, examples: list[Example]) -> dict[str, float]:
    """Means over clips: duration (the training loss), length (made / real frames), L1 of ln F0 on voiced frames, L1 of energy, voicing error."""
    rows = []
    for e in examples:
        mask = torch.ones(1, len(e.phonemes))
        hidden, log_durations = model.text_encoder(e.phonemes[None], torch.tensor([e.language]), style[None])
        duration = duration_loss(log_durations, e.durations[None].float(), e.phonemes[None], mask)
        length = torch.expm1(log_durations).clamp(min=0).sum() / e.durations.sum()
        curves = model.prosody.curves(expand(hidden[0], e.durations)[None], style[None])[0]
        voiced = e.curves[:, 1]
        pitch = masked((curves[:, 0] - e.curves[:, 0]).abs(), voiced)
        wrong = ((curves[:, 1] > 0) != (voiced > 0.5)).float().mean()
        rows.append(torch.stack([duration, length, pitch, (curves[:, 2] - e.curves[:, 2]).abs().mean(), wrong]))
    return dict(zip(("duration", "length", "pitch", "energy", "voicing error"), torch.stack(rows).mean(0).tolist()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--alignment", type=Path, required=True)
    parser.add_argument("--acoustic", type=Path, nargs="+", required=True, help="checkpoints of train_acoustic.py")
    parser.add_argument("--speakers", nargs="+", default=["kathleen", "ljspeech"])
    parser.add_argument("--last", action="store_true", help="the last weights in place of their moving average")
    args = parser.parse_args()
    torch.set_num_threads(1)
    store = Store(args.features)
    training, held_out = (load_examples([store], [args.alignment], held_out=h) for h in (False, True))
    for path in args.acoustic:
        model = load_acoustic(path, not args.last)
        for speaker in args.speakers:
            style = voice_style(model, [e for e in training if e.speaker == speaker])
            losses = prosody_losses(model, style, [e for e in held_out if e.speaker == speaker])
            print(path.stem, speaker, " ".join(f"{name} {value:.3f}" for name, value in losses.items()), flush=True)


if __name__ == "__main__":
    main()

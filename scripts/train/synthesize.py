"""Make the held-out clips with the Python pipeline: copy-synthesis (vocoder alone) and synthesis (text to waveform), for evaluate.py."""

import argparse
from pathlib import Path

import numpy as np
import soundfile
import torch

from acoustic import Acoustic, averaged, load_acoustic, load_examples, voice_style
from features import F_REF, RATE, Store
from networks import EMOTIONS, MelRefiner
from vocoder import Vocoder


def load_vocoder(checkpoint: Path) -> Vocoder:
    net = Vocoder()
    net.load_state_dict(torch.load(checkpoint, weights_only=True)["vocoder"])
    return net.eval()


@torch.no_grad()
def refine(net: MelRefiner, mel: torch.Tensor, style: torch.Tensor, steps: int, generator: torch.Generator, sigma=0.5) -> torch.Tensor:
    """Euler steps of the rectified flow from the coarse mel plus noise: mel [T, MELS]."""
    neutral = torch.eye(len(EMOTIONS))[:1]
    x = (mel + sigma * torch.randn(mel.shape, generator=generator))[None]
    for step in range(steps):
        x = x + net(x, mel[None], style, torch.tensor([step / steps]), neutral) / steps
    return x[0]


@torch.no_grad()
def waveform(vocoder: Vocoder, mel: torch.Tensor, f0: torch.Tensor, voicing: torch.Tensor) -> np.ndarray:
    return vocoder(mel[None], f0[None], voicing[None], torch.Generator().manual_seed(1))[0].numpy()


def say(model: Acoustic, vocoder: Vocoder, phonemes: list[int], style: torch.Tensor, language=0, pitch_range=1.0, refiner=None, steps=0) -> np.ndarray:
    """style [1, S]"""
    hidden, durations = model.encode(phonemes, style, language)
    mel, f0, voicing = model.decode(hidden, durations, style, pitch_range)
    if steps:
        mel = refine(refiner, mel, style, steps, torch.Generator().manual_seed(2))
    return waveform(vocoder, mel, f0, voicing)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--alignment", type=Path, required=True, help="alignment.json: phonemes of the held-out texts (and durations for --forced)")
    parser.add_argument("--acoustic", type=Path, help="checkpoint of train_acoustic.py")
    parser.add_argument("--vocoder", type=Path, required=True, help="checkpoint of train_vocoder.py")
    parser.add_argument("--refiner", type=Path, help="checkpoint of train_refiner.py")
    parser.add_argument("--steps", type=int, default=0, help="refiner steps")
    parser.add_argument("--copy", action="store_true", help="copy-synthesis: the recording's own mel and F0")
    parser.add_argument("--forced", action="store_true", help="durations and F0 of the recording, everything else predicted")
    parser.add_argument("--last", action="store_true", help="the last weights in place of their moving average")
    parser.add_argument("--pitch-range", type=float, default=1.0, help="factor")
    parser.add_argument("--speakers", nargs="+", default=["kathleen", "ljspeech", "cameron"])
    parser.add_argument("--every", type=int, default=1, help="take every n-th held-out clip")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    store = Store(args.features)
    vocoder = load_vocoder(args.vocoder)
    model = None if args.copy else load_acoustic(args.acoustic, not args.last)
    refiner = None
    if args.refiner:
        refiner = MelRefiner().eval()
        refiner.load_state_dict(averaged(torch.load(args.refiner, weights_only=True)))
    styles = {}
    if model:
        training = load_examples([store], [args.alignment])
        styles = {s: voice_style(model, [e for e in training if e.speaker == s])[None] for s in args.speakers}
    held_out = [e for e in load_examples([store], [args.alignment], held_out=True) if e.speaker in args.speakers]
    for example in held_out[:: args.every]:
        true_f0, true_voicing = F_REF * torch.exp(example.curves[:, 0]), example.curves[:, 1]
        if args.copy:
            wave = waveform(vocoder, torch.from_numpy(store.get(example.clip, "mel")), true_f0, true_voicing)
        elif args.forced:
            style = styles[example.speaker]
            hidden, _ = model.encode(example.phonemes.tolist(), style, example.language)
            mel, f0, voicing = model.decode(hidden, example.durations, style, f0=true_f0)
            wave = waveform(vocoder, mel, f0, voicing)
        else:
            wave = say(model, vocoder, example.phonemes.tolist(), styles[example.speaker], example.language, args.pitch_range, refiner, args.steps)
        soundfile.write(args.out / f"{example.clip['id']}.wav", np.clip(wave, -1, 1), RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()

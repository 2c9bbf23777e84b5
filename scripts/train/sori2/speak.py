"""Speech from phonemes with the trained weights, as the product makes it; and from the command line one WAV file per line of phoneme symbols.

    speak.py --work build/sori2 --voice af_heart --out build/wav < phonemes.txt
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from acoustic import Acoustic, place, with_statistics
from checkpoint import widen
from lines import VOICES, weights
from phonemes import BASES, LANGUAGES, OPTIONAL, id_of
from vocoder import Vocoder


RANGE_GAIN = 1.1
"""Factor of the F0 contour. Training narrows it: on training lines its standard deviation is 0.93 of the teacher's."""


VOWEL_MOVED = ("o", "u", 0.3)
"""The vector of the first vowel is moved towards the second's by this share. Only Korean has `o`; the teacher's is too open, and the recognizer takes it for ㅓ."""


def averaged(path: Path, name: str) -> tuple[dict, int, float]:
    """Averaged weights of one network from a training checkpoint, or from the committed one in half precision, with its step and core-seconds."""
    state = torch.load(path, weights_only=True)
    state = state.get(name, state)
    if name == "acoustic":
        widen(state)
    return {k: v.float() if v.is_floating_point() else v for k, v in state["average"].items()}, state["step"], state["seconds"]


def load_networks(acoustic: Path, vocoder: Path) -> tuple[Acoustic, Vocoder]:
    """Both networks in evaluation mode."""
    voice, waves = Acoustic(len(VOICES)), Vocoder()
    voice.load_state_dict(averaged(acoustic, "acoustic")[0])
    vowel, other, share = VOWEL_MOVED
    with torch.no_grad():
        vowels = voice.text_encoder.base.weight
        vowels[BASES.index(vowel)] += share * (vowels[BASES.index(other)] - vowels[BASES.index(vowel)])
        voice.prosody.out.weight[0] *= RANGE_GAIN
        voice.prosody.out.bias[0] *= RANGE_GAIN
    waves.load_state_dict(averaged(vocoder, "vocoder")[0])
    return voice.eval(), waves.eval()


def style_of(model: Acoustic, mixture: np.ndarray, table: np.ndarray, speed=1.0, timbre: np.ndarray | None = None) -> Tensor:
    """Style [1, S] of a mixture of the teacher's voices; `table` holds pitch and pitch range of each [VOICES, 2]."""
    change = -np.log(speed)
    values = torch.tensor([[*(mixture @ table), change, change]], dtype=torch.float32)
    with torch.no_grad():
        return with_statistics(model.blend(torch.from_numpy(mixture if timbre is None else timbre)[None], torch.from_numpy(mixture)[None]), values)


def whole_frames(log_durations: np.ndarray, phonemes: np.ndarray) -> np.ndarray:
    """ln(1 + frames) [P] -> whole frames [P]; what rounding takes from a phoneme the next one gets, as in the product's allocateFrames."""
    frames, carried = np.zeros(len(phonemes), np.int64), 0.0
    for i, value in enumerate(np.expm1(log_durations)):
        pause = int(phonemes[i]) in OPTIONAL
        if pause and value < 1:
            continue
        wanted = min(value, 160) + carried
        frames[i] = max(0 if pause else 1, round(wanted))
        carried = min(1.0, max(-1.0, wanted - frames[i]))
    return frames


@torch.no_grad()
def curves_of(model: Acoustic, phonemes: np.ndarray, style: Tensor, frames: np.ndarray | None = None, language=0) -> dict:
    """hidden frames [1, T, D+3], F0, voicing, energy [1, T], frames per phoneme [P]; with `frames` given their prediction is not used."""
    hidden, log_durations = model.text_encoder(torch.from_numpy(phonemes.astype(np.int64))[None], torch.tensor([language]), style)
    predicted = np.expm1(log_durations[0].numpy())
    if frames is None:
        frames = whole_frames(log_durations[0].numpy(), phonemes)
    owner, position = place(frames)
    expanded = torch.cat([hidden[0, torch.from_numpy(owner)], torch.from_numpy(position)], -1)[None]
    f0, voicing, energy = model.prosody(expanded, style)
    return dict(frames=frames, predicted=predicted, expanded=expanded, f0=f0, voicing=voicing, energy=energy)


@torch.no_grad()
def speak(model: Acoustic, vocoder: Vocoder, phonemes: np.ndarray, style: Tensor, seed=0, language=0) -> tuple[np.ndarray, dict]:
    """Samples at 24 kHz, and the curves that they were made of."""
    c = curves_of(model, phonemes, style, language=language)
    mel = model.mel_decoder(c["expanded"], c["f0"], c["voicing"], c["energy"], style)
    made = vocoder(mel.transpose(1, 2), c["f0"], (c["voicing"] > 0.5).float(), torch.Generator().manual_seed(seed))
    return made[0].numpy(), c | dict(mel=mel)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--voice", default="af_heart:1", help="mixture of the teacher's voices, as af_heart:0.5,bf_emma:0.5")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    import soundfile

    from lines import load

    torch.set_num_threads(1)
    table = load(a.corpus, a.work)[4]
    model, vocoder = load_networks(a.work / "acoustic.pt", a.work / "vocoder.pt")
    mixture = weights(" ".join(part if ":" in part else part + ":1" for part in a.voice.split(",")))
    a.out.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(sys.stdin.read().splitlines()):
        phonemes = np.array([id_of(s) for s in line.split(" ")])
        audio, _ = speak(model, vocoder, phonemes, style_of(model, mixture, table, a.speed), language=LANGUAGES.index(a.language))
        soundfile.write(a.out / f"{number:03d}.wav", np.clip(audio, -1, 1), 24000)


if __name__ == "__main__":
    main()

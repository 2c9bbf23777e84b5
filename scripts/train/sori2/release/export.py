"""Writes sori-2's stages as ONNX graphs with model.json and known-answer.json, and checks each graph against PyTorch at two lengths.

| stage | inputs | outputs |
|---|---|---|
| `text_encoder` | phonemes [1, P], language [1], style [1, S] | hidden [1, P, D], log_durations [1, P] |
| `prosody` | frames [1, T, D + 3], style | f0, voicing, energy [1, T] |
| `mel_decoder` | frames, f0, voicing, energy, style | mel [1, T, 100], natural logarithm of the magnitude |
| `vocoder` | mel, f0, voicing | harmonic, noise (ln magnitudes), real, imaginary (a number whose angle is the harmonics' phase) [1, T, 513], modulation [1, T, 128] |
| `style_encoder` | mel | style [1, S] |
| `style_denoiser` | x [B, S], sigma [B], phonemes [1, P], reference [B, S], emotion [B, E], given [B, 2] | denoised [B, S], in standard deviations of the style space |
"""

import argparse
import datetime
import json
from pathlib import Path

import numpy as np
import onnxruntime
import sys
import torch
from torch import Tensor, nn

sys.path.append(str(Path(__file__).resolve().parents[1]))
from acoustic import HIDDEN, MEL_MEAN, MEL_SCALE, STATISTICS, STYLE  # noqa: E402
from checkpoint import COMMITTED  # noqa: E402
from denoiser import EMOTIONS as EMOTION_COUNT, RHO, SIGMA_MAX, SIGMA_MIN, Denoiser  # noqa: E402
from lines import FOLDERS, SOUND_LEAD, load, weights  # noqa: E402
from speak import averaged, load_networks, style_of  # noqa: E402
from spectra import BINS, FFT, HOP, MELS, RATE  # noqa: E402
from phonemes import LANGUAGES, SYMBOLS  # noqa: E402
from release.style_space import style_space  # noqa: E402
from vocoder import BANDS, Vocoder  # noqa: E402

HERE = Path(__file__).resolve().parent
ATTRIBUTIONS = [
    "Distilled from Kokoro-82M by hexgrad, Apache License 2.0.",
    "Texts: BANKING77 by PolyAI, CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/); transcripts of the LJ Speech Dataset (public domain); CMU Arctic prompts; own lines.",
]


EMOTIONS = json.loads((HERE.parents[1] / "emotion-table.json").read_text(encoding="utf-8"))["emotions"]
EFFECTS = {name: {k: row[k] for k in ("pitch", "pitchRange", "rate", "pauses", "energy")} for name, row in EMOTIONS.items()}
"""What an emotion at full weight changes (../EMOTION.md): the columns that are controls of this model."""
EFFECTS["fearful"]["energy"] = -4.5
"""A higher and quicker voice is louder by 2 dB by itself; the table's -2 dB would not be heard."""
SAMPLER = dict(sigmaData=0.5, sigmaMin=SIGMA_MIN, sigmaMax=SIGMA_MAX, rho=RHO, continuity=0.5, prosodyOnly=True, defaults=dict(steps=0, alpha=0, beta=1, embeddingScale=1))
"""How styles are sampled; by default they are not."""
EDGE_COSTS = dict(frameMs=0.3, refineStepMs=0, styleStepMs=2, referenceSecondMs=60)
"""Milliseconds of one thread in workerd. frameMs is 12.5 times the real-time factor of `npm run bench -- --only speed`, which was 0.020 in processor time, and a fifth more."""


class VocoderStage(nn.Module):
    """The vocoder's network with everything that is not an STFT: mel [B, T, MELS], F0 and voicing [B, T] -> see the table above. A frame is voiced from 0.5 on."""

    def __init__(self, vocoder: Vocoder):
        super().__init__()
        self.net = vocoder.net
        # The first convolution as a shift and a product: a runtime adds up a convolution's many terms in an order that depends on the number of
        # frames, and utterances that run together must come out to the last bit as alone.
        inp = vocoder.net.inp
        channels, width = inp.in_channels, inp.kernel_size[0]
        self.register_buffer("shift", torch.eye(width).repeat(channels, 1)[:, None], persistent=False)
        self.first = nn.Linear(channels * width, inp.out_channels)
        with torch.no_grad():
            self.first.weight.copy_(inp.weight.flatten(1))
            self.first.bias.copy_(inp.bias)

    def filters(self, mel: Tensor, f0: Tensor, voiced: Tensor) -> tuple[Tensor, ...]:
        """As Filters.forward."""
        net = self.net
        x = torch.cat([mel * 0.3 + 1, (torch.log(f0.clamp_min(50)) - 5)[..., None], voiced[..., None]], -1).transpose(1, 2)
        x = self.first(nn.functional.conv1d(x, self.shift, padding=self.shift.shape[-1] // 2, groups=x.shape[1]).transpose(1, 2))
        for block in net.blocks:
            x = block(x)
        hidden = net.norm(x)
        return *net.out(hidden).split(BINS, -1), net.modulation(hidden)

    def forward(self, mel: Tensor, f0: Tensor, voicing: Tensor) -> tuple[Tensor, ...]:
        voiced = (voicing > 0.5).float()
        harmonic, noise, real, imaginary, depth = self.filters(mel, f0, voiced)
        return harmonic.clamp(-12, 6), noise.clamp(-14, 4), real, imaginary, depth * voiced.unsqueeze(-1)


def stages(acoustic, vocoder, denoiser) -> dict[str, tuple]:
    """stage -> network, example inputs, output names, name of the dynamic axis."""
    generator = torch.Generator().manual_seed(7)
    noise = lambda *shape: torch.randn(*shape, generator=generator)
    t = 24
    phonemes = torch.tensor([[1, 61, 26, 75, 3, 30, 46, 15, 5, 2, 40, 33]])
    style, frames, mel = noise(1, STYLE) * 0.3, noise(1, t, HIDDEN + 3), noise(1, t, MELS) * MEL_SCALE + MEL_MEAN
    style[:, list(STATISTICS.values())] = torch.tensor([0.1, 0.25, 0.0, 0.0])
    f0, voicing, energy = 180 + 30 * noise(1, t), torch.sigmoid(3 * noise(1, t)), noise(1, t)
    language = torch.zeros(1, dtype=torch.long)
    states = dict(x=noise(2, STYLE), sigma=torch.tensor([0.3, 2.0]), phonemes=phonemes, reference=noise(2, STYLE), emotion=torch.eye(EMOTION_COUNT)[:2], given=torch.tensor([[1.0, 1.0], [0.0, 1.0]]))
    return {
        "text_encoder": (acoustic.text_encoder, dict(phonemes=phonemes, language=language, style=style), ["hidden", "log_durations"], "P"),
        "prosody": (acoustic.prosody, dict(frames=frames, style=style), ["f0", "voicing", "energy"], "T"),
        "mel_decoder": (acoustic.mel_decoder, dict(frames=frames, f0=f0, voicing=voicing, energy=energy, style=style), ["mel"], "T"),
        "vocoder": (VocoderStage(vocoder), dict(mel=mel, f0=f0, voicing=voicing), ["harmonic", "noise", "real", "imaginary", "modulation"], "T"),
        "style_encoder": (acoustic.style_encoder, dict(mel=torch.cat([mel] * 4, 1)), ["style"], "T"),
        "style_denoiser": (denoiser, states, ["denoised"], "B"),
    }


def write_graph(path: Path, net: nn.Module, inputs: dict, outputs: list[str], axis: str) -> float:
    """Exports one stage; returns its largest relative difference from PyTorch at the traced length and at three times that."""
    dynamic = {name: {1: axis} for name in [*inputs, *outputs] if name not in ("style", "language")}
    if axis == "B":
        dynamic = {name: {1: "P"} if name == "phonemes" else {0: axis} for name in [*inputs, *outputs]}
    torch.onnx.export(net, tuple(inputs.values()), str(path), input_names=list(inputs), output_names=outputs, dynamic_axes=dynamic, opset_version=17, do_constant_folding=True, dynamo=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for repeat in (1, 3):
        longer = {n: (torch.cat([v] * repeat, next(iter(dynamic[n]))) if n in dynamic else v) for n, v in inputs.items()}
        with torch.no_grad():
            expected = net(*longer.values())
        expected = [expected] if torch.is_tensor(expected) else expected
        actual = session.run(outputs, {n: v.numpy() for n, v in longer.items()})
        worst = max(worst, *(float((np.abs(a - e.numpy()) / (1 + np.abs(e.numpy()))).max()) for a, e in zip(actual, expected)))
    return worst


def as_json(value: Tensor) -> dict:
    whole = value.dtype == torch.long
    flat = value.flatten().tolist()
    return dict(type="int64" if whole else "float32", shape=list(value.shape), data=flat if whole else [float(f"{v:.7g}") for v in flat])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder with acoustic.pt and vocoder.pt; the committed checkpoint is used where they are missing")
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, help="languages that the model offers; by default those that the work folder has lines of")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    a = parser.parse_args()
    torch.set_num_threads(1)
    table = load(a.corpus, a.work)[4]
    acoustic_file, vocoder_file = (a.work / f"{n}.pt" if (a.work / f"{n}.pt").exists() else COMMITTED for n in ("acoustic", "vocoder"))
    acoustic, vocoder = load_networks(acoustic_file, vocoder_file)
    denoiser_file = a.work / "denoiser.pt" if (a.work / "denoiser.pt").exists() else COMMITTED
    denoiser = Denoiser()
    denoiser.load_state_dict(averaged(denoiser_file, "denoiser")[0])
    a.out.mkdir(parents=True, exist_ok=True)
    answers = {}
    for stage, (net, inputs, outputs, axis) in stages(acoustic, vocoder, denoiser).items():
        net.eval().requires_grad_(False)
        if stage == "vocoder":
            own, trained = net.filters(*inputs.values()), vocoder.net(*inputs.values())
            assert all(torch.allclose(a, b, atol=1e-4) for a, b in zip(own, trained)), stage
        worst = write_graph(a.out / f"{stage}.onnx", net, inputs, outputs, axis)
        assert worst < 1e-3, (stage, worst)
        result = net(*inputs.values())
        result = [result] if torch.is_tensor(result) else result
        answers[stage] = dict(inputs={n: as_json(v) for n, v in inputs.items()}, outputs={n: as_json(v) for n, v in zip(outputs, result)})
        count = sum(p.numel() for p in net.parameters())
        print(f"{stage}: {count:,} parameters, {(a.out / f'{stage}.onnx').stat().st_size / 1e6:.2f} MB, ONNX against PyTorch {worst:.1e}")
    space = style_space(acoustic, table) | dict(sampler=SAMPLER)
    voices = []
    for voice in json.loads((HERE.parent / "voices.json").read_text(encoding="utf-8")):
        mixture = weights(voice.pop("mixture"))
        style = style_of(acoustic, weights(voice.pop("tune")) if "tune" in voice else mixture, table, timbre=mixture)[0]
        style[STATISTICS["pitchRange"]] *= voice.pop("range", 1)
        style = style.tolist()
        voices.append(voice | dict(style=[float(f"{x:.6g}") for x in style], pitchRange=1))
    runs = {n: averaged(f, n)[1:] for n, f in (("acoustic", acoustic_file), ("vocoder", vocoder_file))}
    description = dict(
        name="sori-2", version="0.9.0", sampleRate=RATE, hop=HOP, fft=FFT, mels=MELS, soundLead=SOUND_LEAD, styleSize=STYLE, hiddenSize=HIDDEN, phonemes=SYMBOLS, languages=a.languages or LANGUAGES[: 1 + max((n for n, name in FOLDERS.items() if (a.work / name).exists()), default=0)],
        emotions=["neutral", *EFFECTS], emotionEffects=EFFECTS, style=space | dict(statistics=STATISTICS, likeness=json.loads((HERE / "likeness.json").read_text())),
        vocoder=dict(contextFrames=8 * 3 + 1, rounds=vocoder.rounds, modulationBands=BANDS), edgeCosts=EDGE_COSTS, voices=voices, licence="Apache-2.0", attributions=ATTRIBUTIONS,
        training=dict(date=datetime.date.today().isoformat(), coreHours=round(sum(s for _, s in runs.values()) / 3600, 2), steps={n: step for n, (step, _) in runs.items()}),
    )  # fmt: skip
    (a.out / "model.json").write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (a.out / "known-answer.json").write_text(json.dumps(answers) + "\n")


if __name__ == "__main__":
    main()

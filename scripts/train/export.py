"""Write the trained networks as ONNX graphs plus model.json and known-answer.json, and check every graph against PyTorch."""

import argparse
import datetime
import json
import os
import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from acoustic import Acoustic, load_acoustic, load_examples
from features import FFT, HOP, MELS, RATE, Store
from networks import HIDDEN, STYLE, MelDecoder, MelRefiner, Prosody, TextEncoder, VocoderNet, expand
from symbols import LANGUAGES, SYMBOLS

ATTRIBUTIONS = [
    'Voice dataset "Kathleen" (rhasspy/dataset-voice-kathleen), CC0 1.0.',
    "The LJ Speech Dataset, Keith Ito, read by Linda Johnson for LibriVox, https://keithito.com/LJ-Speech-Dataset/ (public domain).",
]
VOICES = [
    dict(id="kathleen", name="Kathleen", sex="female", language="en-US", description="A mature American woman, calm and clear."),
    dict(id="linda", name="Linda", sex="female", language="en-US", description="An American woman reading aloud, lively and even."),
]
SIGMA = 0.5  # noise added to the coarse mel where the refiner starts


def stages(nets: dict[str, nn.Module]) -> dict[str, tuple]:
    """stage -> (network, example inputs by name, output names, {tensor: axis that is dynamic})."""
    generator = torch.Generator().manual_seed(7)
    noise = lambda *shape: torch.randn(*shape, generator=generator)
    p, t = 12, 24
    phonemes = torch.tensor([[1, 61, 26, 75, 3, 30, 46, 15, 5, 2, 40, 33]])[:, :p]
    style, frames, mel = noise(1, STYLE) * 0.3, noise(1, t, HIDDEN + 3), noise(1, t, MELS)
    f0, voicing, energy = 180 + 30 * noise(1, t), torch.sigmoid(noise(1, t)), noise(1, t)
    en = torch.zeros(1, dtype=torch.long)
    return {
        "text_encoder": (nets["text_encoder"], dict(phonemes=phonemes, language=en, style=style), ["hidden", "log_durations"], "P"),
        "prosody": (nets["prosody"], dict(frames=frames, style=style), ["f0", "voicing", "energy"], "T"),
        "mel_decoder": (nets["mel_decoder"], dict(frames=frames, f0=f0, voicing=voicing, energy=energy, style=style), ["mel"], "T"),
        "mel_refiner": (nets["mel_refiner"], dict(x=mel + 0.5 * noise(1, t, MELS), mel=mel, style=style, t=torch.tensor([0.25])), ["velocity"], "T"),
        "vocoder": (nets["vocoder"], dict(mel=mel, f0=f0, voicing=voicing), ["harmonic", "noise"], "T"),
    }


def fresh_networks() -> dict[str, nn.Module]:
    return dict(text_encoder=TextEncoder(), prosody=Prosody(), mel_decoder=MelDecoder(), mel_refiner=MelRefiner(), vocoder=VocoderNet())


def write_graph(path: Path, net: nn.Module, inputs: dict, outputs: list[str], axis: str) -> float:
    """Export one stage and return its largest difference from PyTorch, also at a length other than the one traced."""
    fixed = {"style", "language", "t"}
    dynamic = {name: {1: axis} for name in [*inputs, *outputs] if name not in fixed}
    names = list(inputs)
    torch.onnx.export(net, tuple(inputs.values()), str(path), input_names=names, output_names=outputs,
                      dynamic_axes=dynamic, opset_version=17, do_constant_folding=True, dynamo=False)  # fmt: skip
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    worst = 0.0
    for repeat in (1, 3):
        longer = {n: (v if n in fixed else torch.cat([v] * repeat, 1)) for n, v in inputs.items()}
        with torch.no_grad():
            expected = net(*longer.values())
        expected = [expected] if torch.is_tensor(expected) else expected
        actual = session.run(outputs, {n: v.numpy() for n, v in longer.items()})
        worst = max(worst, *(float((np.abs(a - e.numpy()) / (1 + np.abs(e.numpy()))).max()) for a, e in zip(actual, expected)))
    return worst


def as_json(value: torch.Tensor) -> dict:
    kind = "int64" if value.dtype == torch.long else "float32"
    flat = value.flatten().tolist()
    return dict(type=kind, shape=list(value.shape), data=flat if kind == "int64" else [float(f"{v:.7g}") for v in flat])


def export_model(out: Path, nets: dict[str, nn.Module], voices: list[dict], training: dict, default_steps=0, version="1.0.0") -> None:
    """Fill a folder beside `out`, then swap it in by rename, so that no reader sees half a model."""
    out = Path(out)
    temporary = out.with_name(out.name + ".new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    answers = {}
    for stage, (net, inputs, outputs, axis) in stages(nets).items():
        net.eval().requires_grad_(False)
        worst = write_graph(temporary / f"{stage}.onnx", net, inputs, outputs, axis)
        assert worst < 1e-3, (stage, worst)
        with torch.no_grad():
            result = net(*inputs.values())
        result = [result] if torch.is_tensor(result) else result
        answers[stage] = dict(inputs={n: as_json(v) for n, v in inputs.items()}, outputs={n: as_json(v) for n, v in zip(outputs, result)})
        size = (temporary / f"{stage}.onnx").stat().st_size
        print(f"{stage}: {sum(p.numel() for p in net.parameters()):,} parameters, {size / 1e6:.2f} MB, ONNX against PyTorch {worst:.1e}")
    manifest = dict(
        name="sori-1", version=version, sampleRate=RATE, hop=HOP, fft=FFT, mels=MELS, styleSize=STYLE, hiddenSize=HIDDEN,
        phonemes=SYMBOLS, languages=LANGUAGES, refiner=dict(sigma=SIGMA, defaultSteps=default_steps),
        vocoder=dict(contextFrames=nets["vocoder"].context), voices=voices, licence="Apache-2.0", attributions=ATTRIBUTIONS,
        training=training | dict(date=datetime.date.today().isoformat()),
    )  # fmt: skip
    (temporary / "model.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (temporary / "known-answer.json").write_text(json.dumps(answers) + "\n")
    old = out.with_name(out.name + ".old")
    shutil.rmtree(old, ignore_errors=True)
    if out.exists():
        os.rename(out, old)
    os.rename(temporary, out)
    shutil.rmtree(old, ignore_errors=True)


def voices_with(styles: torch.Tensor, pitch_ranges: list[float]) -> list[dict]:
    """styles [voices, S], in the order of VOICES."""
    return [v | dict(style=[float(f"{x:.6g}") for x in s.tolist()], pitchRange=round(r, 3)) for v, s, r in zip(VOICES, styles, pitch_ranges)]


def pitch_ranges(model, store, alignment: Path, clips=40, limit=1.6) -> list[float]:
    """Per voice: spread of ln F0 in the recordings over its spread in the prediction, on training clips with the recordings' durations.

    A predictor that minimises an error speaks too flat; this is the global variance compensation (Toda and Tokuda 2007) that undoes it.
    """
    examples, result = load_examples(store, alignment), []
    for speaker in range(len(VOICES)):
        real, made = [], []
        style = model.voice(speaker)
        mine = [e for e in examples if e.speaker == speaker]
        for example in mine[:: max(1, len(mine) // clips)]:
            with torch.no_grad():
                hidden, _ = model.encode(example.phonemes.tolist(), style)
                f0, voicing, _ = model.prosody(expand(hidden, example.durations)[None], style)
            voiced, heard = example.curves[:, 1] > 0, voicing[0] > 0.5
            if voiced.sum() > 20 and heard.sum() > 20:
                real.append(float(example.curves[voiced, 0].std()))
                made.append(float(torch.log(f0[0][heard]).std()))
        result.append(min(limit, max(1.0, float(np.mean(real) / np.mean(made)))))
    return result


def trained_networks(args) -> tuple[dict, Acoustic, dict]:
    """Networks, acoustic model and the `training` entry of model.json from checkpoints; a stage without a checkpoint keeps fresh weights."""
    model, nets = load_acoustic(args.acoustic), fresh_networks()
    nets |= dict(text_encoder=model.text_encoder, prosody=model.prosody, mel_decoder=model.mel_decoder)
    load = lambda path: torch.load(path, weights_only=True)
    acoustic, vocoder = load(args.acoustic), load(args.vocoder)
    nets["vocoder"].load_state_dict({k.removeprefix("net."): v for k, v in vocoder["vocoder"].items()})
    steps, seconds = dict(acoustic=acoustic["step"], vocoder=vocoder["step"]), acoustic["seconds"] + vocoder["seconds"] + args.other_seconds
    if args.refiner:
        refiner = load(args.refiner)
        nets["mel_refiner"].load_state_dict({k.removeprefix("module."): v for k, v in refiner["average"].items() if k != "n_averaged"})
        steps["refiner"], seconds = refiner["step"], seconds + refiner["seconds"]
    return nets, model, dict(coreHours=round(seconds / 3600, 2), steps=steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--random", action="store_true", help="random weights, for tests of the layout")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--alignment", type=Path)
    parser.add_argument("--acoustic", type=Path, help="checkpoint of train_acoustic.py")
    parser.add_argument("--vocoder", type=Path, help="checkpoint of train_vocoder.py")
    parser.add_argument("--refiner", type=Path, help="checkpoint of train_refiner.py")
    parser.add_argument("--other-seconds", type=float, default=0, help="CPU seconds of features and alignment, for the record of core-hours")
    parser.add_argument("--steps", type=int, default=0, help="refiner steps that the product takes by default")
    parser.add_argument("--version", default="1.0.0")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if args.random:
        nets = fresh_networks()
        for net in nets.values():  # away from the zeros that training starts from, so that every path of the graph shows
            for weight in net.parameters():
                weight.data.add_(torch.randn_like(weight) * 0.02)
        styles = torch.randn(len(VOICES), STYLE) * 0.3
        export_model(args.out, nets, voices_with(styles, [1.0, 1.0]), dict(coreHours=0, steps={}), version="0.0.0")
        return
    nets, model, training = trained_networks(args)
    ranges = pitch_ranges(model, Store(args.features), args.alignment)
    print("pitch ranges", [round(r, 3) for r in ranges], training)
    styles = torch.cat([model.voice(speaker).detach() for speaker in range(len(VOICES))])
    export_model(args.out, nets, voices_with(styles, ranges), training, args.steps, args.version)


if __name__ == "__main__":
    main()

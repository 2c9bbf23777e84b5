"""Write the trained networks as ONNX graphs plus model.json and known-answer.json, and check every graph against PyTorch."""

import argparse
import datetime
import json
import os
import shutil
from collections import defaultdict
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from acoustic import Acoustic, Example, averaged, load_acoustic, load_examples, voice_style
from features import FFT, HOP, MELS, RATE, Store
from networks import (EMOTIONS, HALF, HIDDEN, STATISTICS, STYLE, MelDecoder, MelRefiner, Prosody, StyleDenoiser, StyleEncoder, TextEncoder,
                      VocoderNet, expand)  # fmt: skip
from symbols import LANGUAGES, SYMBOLS
from train_style import RHO, SIGMA_MAX, SIGMA_MIN, load_denoiser

STYLE_DEFAULTS = dict(steps=0, alpha=0.3, beta=0.7, embeddingScale=1.0)
EMOTION_DEFAULTS = dict(steps=5, alpha=0.5, beta=0.8, embeddingScale=1.0)  # at 1 and 1 pocketsphinx mishears fear 1.39 times as often as neutral

HERE = Path(__file__).resolve().parent
ATTRIBUTIONS = [
    'Voice dataset "Kathleen" (rhasspy/dataset-voice-kathleen), CC0 1.0.',
    "The LJ Speech Dataset, Keith Ito, read by Linda Johnson for LibriVox, https://keithito.com/LJ-Speech-Dataset/ (public domain).",
    "Voice prompts (voice: Cameron) from core-sounds-en_AU, Copyright (C) 2010 - 2013 CAMSOWN.com, http://voiceover.camsown.com, licensed under Creative Commons "
    "Attribution 3.0 Unported (http://creativecommons.org/licenses/by/3.0/). The original work has been modified: trimmed, level-normalised, Opus-coded.",
    "speechocean762: An Open-Source Non-native English Speech Corpus For Pronunciation Assessment, Zhang et al., Proc. Interspeech 2021 "
    "(repository jimbozhang/speechocean762).",
]
# Milliseconds in workerd (`npm run bench -- --only speed`; the README names the machine): a real-time factor of 0.049 without the refiner, of 0.075
# with 4 steps, at 80 frames a second; 15 ms for 5 steps of the style sampler.
EDGE_COSTS = dict(frameMs=0.6125, refineStepMs=0.08125, styleStepMs=3.0, referenceSecondMs=60.0)
SIGMA = 0.5  # noise added to the coarse mel where the refiner starts
EMOTION_FROM, EMOTION_UNTIL = 0.0, 0.8  # stretch of the refiner's time in which mixed-in emotions act (EmoMix: from K_max to K_min)


def stages(nets: dict[str, nn.Module]) -> dict[str, tuple]:
    """stage -> (network, example inputs by name, output names, {tensor: axis that is dynamic})."""
    generator = torch.Generator().manual_seed(7)
    noise = lambda *shape: torch.randn(*shape, generator=generator)
    p, t = 12, 24
    phonemes = torch.tensor([[1, 61, 26, 75, 3, 30, 46, 15, 5, 2, 40, 33]])[:, :p]
    style, frames, mel = noise(1, STYLE) * 0.3, noise(1, t, HIDDEN + 3), noise(1, t, MELS)
    f0, voicing, energy = 180 + 30 * noise(1, t), torch.sigmoid(noise(1, t)), noise(1, t)
    style[:, list(STATISTICS.values())] = torch.tensor([-0.85, 0.2, 0.2, 0.0, 0.0, 0.0, 0.6, 0.0, 0.2])
    emotion = torch.eye(len(EMOTIONS))[1:2]
    en = torch.zeros(1, dtype=torch.long)
    return {
        "text_encoder": (nets["text_encoder"], dict(phonemes=phonemes, language=en, style=style), ["hidden", "log_durations"], "P"),
        "prosody": (nets["prosody"], dict(frames=frames, style=style), ["f0", "voicing", "energy"], "T"),
        "mel_decoder": (nets["mel_decoder"], dict(frames=frames, f0=f0, voicing=voicing, energy=energy, style=style), ["mel"], "T"),
        "mel_refiner": (nets["mel_refiner"], dict(x=mel + 0.5 * noise(1, t, MELS), mel=mel, style=style, t=torch.tensor([0.25]), emotion=emotion), ["velocity"], "T"),
        "style_denoiser": (nets["style_denoiser"], dict(x=noise(2, STYLE), sigma=torch.tensor([0.7, 1.5]), phonemes=phonemes, reference=noise(2, STYLE),
                           emotion=torch.eye(len(EMOTIONS))[:2], given=torch.tensor([[1.0, 1.0], [0.0, 1.0]])), ["denoised"], "B"),
        "style_encoder": (nets["style_encoder"], dict(mel=torch.cat([mel] * 4, 1)), ["style"], "T"),
        "vocoder": (nets["vocoder"], dict(mel=mel, f0=f0, voicing=voicing), ["harmonic", "noise"], "T"),
    }


def fresh_networks() -> dict[str, nn.Module]:
    return dict(text_encoder=TextEncoder(), style_denoiser=StyleDenoiser(), style_encoder=StyleEncoder(), prosody=Prosody(), mel_decoder=MelDecoder(),
                mel_refiner=MelRefiner(), vocoder=VocoderNet())  # fmt: skip


def dynamic_axes(stage: str, inputs: dict, outputs: list[str], axis: str) -> dict:
    """tensor -> {dimension: its name}. The denoiser runs several rows (emotions, guidance) over one text."""
    if stage == "style_denoiser":
        return {name: {1: "P"} if name == "phonemes" else {0: axis} for name in [*inputs, *outputs]}
    fixed = {"style", "language", "t", "emotion"}
    return {name: {1: axis} for name in [*inputs, *outputs] if name not in fixed}


def write_graph(path: Path, net: nn.Module, inputs: dict, outputs: list[str], axis: str) -> float:
    """Export one stage and return its largest difference from PyTorch, also at a length other than the one traced."""
    names, dynamic = list(inputs), dynamic_axes(path.stem, inputs, outputs, axis)
    torch.onnx.export(net, tuple(inputs.values()), str(path), input_names=names, output_names=outputs,
                      dynamic_axes=dynamic, opset_version=17, do_constant_folding=True, dynamo=False)  # fmt: skip
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


def as_json(value: torch.Tensor) -> dict:
    kind = "int64" if value.dtype == torch.long else "float32"
    flat = value.flatten().tolist()
    return dict(type=kind, shape=list(value.shape), data=flat if kind == "int64" else [float(f"{v:.7g}") for v in flat])


def style_space(mean, scale, sigma_data: float) -> dict:
    """The `style` entry of model.json: standardisation, noise schedule, defaults of the sampler."""
    numbers = lambda v: [float(f"{x:.6g}") for x in v.tolist()]
    return dict(mean=numbers(mean), scale=numbers(scale), sigmaData=sigma_data, sigmaMin=SIGMA_MIN, sigmaMax=SIGMA_MAX, rho=RHO, continuity=0.7,
                defaults=STYLE_DEFAULTS, emotionDefaults=EMOTION_DEFAULTS, statistics=STATISTICS)  # fmt: skip


def export_model(out: Path, nets: dict[str, nn.Module], voices: list[dict], style: dict, training: dict, default_steps=0, version="2.0.0") -> None:
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
        phonemes=SYMBOLS, languages=LANGUAGES, emotions=EMOTIONS, style=style,
        refiner=dict(sigma=SIGMA, defaultSteps=default_steps, emotionFrom=EMOTION_FROM, emotionUntil=EMOTION_UNTIL),
        vocoder=dict(contextFrames=nets["vocoder"].context), edgeCosts=EDGE_COSTS, voices=voices, licence="Apache-2.0", attributions=ATTRIBUTIONS,
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


def built_in_voices(styles_of_speakers: dict[str, torch.Tensor], pitch_range: dict[str, float], path: Path = HERE / "voices.json") -> list[dict]:
    """The voices of voices.json: each a weighted mean of training speakers' styles, some with statistics set or moved."""
    result = []
    for voice in json.loads(path.read_text(encoding="utf-8")):
        shares, moves, settings = voice.pop("mix"), voice.pop("move", {}), voice.pop("set", {})
        total = sum(shares.values())
        style = sum(styles_of_speakers[s] * (w / total) for s, w in shares.items())
        prosody = voice.pop("prosody", None)
        if prosody:  # how it speaks: one reader's prosodic half with the voice's own pitch
            pitch = style[STATISTICS["pitch"]].clone()
            style[HALF:] = styles_of_speakers[prosody][HALF:]
            style[STATISTICS["pitch"]] = pitch
        for name, amount in moves.items():
            style[STATISTICS[name]] += amount
        for name, value in settings.items():
            style[STATISTICS[name]] = value
        ranges = [pitch_range[prosody]] if prosody else [pitch_range[s] for s in shares]
        result.append(voice | dict(style=[float(f"{x:.6g}") for x in style.tolist()], pitchRange=round(float(np.mean(ranges)), 3)))
    return result


def pitch_range_of(model: Acoustic, examples: list[Example], style: torch.Tensor, clips=30, limit=1.6) -> float:
    """Spread of ln F0 in a speaker's recordings over its spread in the prediction, on training clips with the recordings' durations.

    A predictor that minimises an error speaks too flat; this is the global variance compensation (Toda and Tokuda 2007) that undoes it.
    """
    real, made = [], []
    for example in examples[:: max(1, len(examples) // clips)]:
        with torch.no_grad():
            hidden, _ = model.encode(example.phonemes.tolist(), style[None], example.language)
            f0, voicing, _ = model.prosody(expand(hidden, example.durations)[None], style[None])
        voiced, heard = example.curves[:, 1] > 0, voicing[0] > 0.5
        if voiced.sum() > 20 and heard.sum() > 20:
            real.append(float(example.curves[voiced, 0].std()))
            made.append(float(torch.log(f0[0][heard]).std()))
    return min(limit, max(1.0, float(np.mean(real) / np.mean(made)))) if real else 1.0


def trained_networks(args) -> tuple[dict, Acoustic, dict, dict]:
    """Networks, acoustic model, style space and the `training` entry of model.json from checkpoints; a stage without a checkpoint keeps fresh weights."""
    model, nets = load_acoustic(args.acoustic), fresh_networks()
    nets |= dict(text_encoder=model.text_encoder, style_encoder=model.style_encoder, prosody=model.prosody, mel_decoder=model.mel_decoder)
    load = lambda path: torch.load(path, weights_only=True)
    acoustic, vocoder = load(args.acoustic), load(args.vocoder)
    nets["vocoder"].load_state_dict({k.removeprefix("net."): v for k, v in vocoder["vocoder"].items()})
    steps, seconds = dict(acoustic=acoustic["step"], vocoder=vocoder["step"]), acoustic["seconds"] + vocoder["seconds"] + args.other_seconds
    space = style_space(torch.zeros(STYLE), torch.ones(STYLE), 1.0)
    if args.style:
        nets["style_denoiser"], state = load_denoiser(args.style)
        space = style_space(state["space"]["mean"], state["space"]["scale"], state["sigma_data"])
        steps["style"], seconds = state["step"], seconds + state["seconds"]
    if args.refiner:
        refiner = load(args.refiner)
        nets["mel_refiner"].load_state_dict(averaged(refiner))
        steps["refiner"], seconds = refiner["step"], seconds + refiner["seconds"]
    return nets, model, space, dict(coreHours=round(seconds / 3600, 2), steps=steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--random", action="store_true", help="random weights, for tests of the layout")
    parser.add_argument("--features", type=Path)
    parser.add_argument("--alignment", type=Path)
    parser.add_argument("--acoustic", type=Path, help="checkpoint of train_acoustic.py")
    parser.add_argument("--style", type=Path, help="checkpoint of train_style.py")
    parser.add_argument("--vocoder", type=Path, help="checkpoint of train_vocoder.py")
    parser.add_argument("--refiner", type=Path, help="checkpoint of train_refiner.py")
    parser.add_argument("--voices", type=Path, default=HERE / "voices.json")
    parser.add_argument("--other-seconds", type=float, default=0, help="CPU seconds of features and alignment, for the record of core-hours")
    parser.add_argument("--steps", type=int, default=0, help="refiner steps that the product takes by default")
    parser.add_argument("--version", default="2.0.0")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if args.random:
        nets = fresh_networks()
        for net in nets.values():  # away from the zeros that training starts from, so that every path of the graph shows
            for weight in net.parameters():
                weight.data.add_(torch.randn_like(weight) * 0.02)
        anyone = defaultdict(lambda: torch.randn(STYLE) * 0.3)
        voices, space = built_in_voices(anyone, defaultdict(lambda: 1.0), args.voices), style_space(torch.zeros(STYLE), torch.ones(STYLE), 1.0)
        export_model(args.out, nets, voices, space, dict(coreHours=0, steps={}), version="0.0.0")
        return
    nets, model, space, training = trained_networks(args)
    clips = defaultdict(list)
    for example in load_examples([Store(args.features)], [args.alignment]):
        clips[example.speaker].append(example)
    needed = {s for v in json.loads(args.voices.read_text(encoding="utf-8")) for s in [*v["mix"], v.get("prosody")] if s}
    styles = {s: voice_style(model, clips[s]) for s in needed}
    ranges = {s: pitch_range_of(model, clips[s], styles[s]) for s in needed}
    print("pitch ranges", {s: round(r, 3) for s, r in ranges.items()}, training)
    export_model(args.out, nets, built_in_voices(styles, ranges, args.voices), space, training, args.steps, args.version)


if __name__ == "__main__":
    main()

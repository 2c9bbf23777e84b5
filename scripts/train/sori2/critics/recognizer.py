"""Whisper (Radford et al. 2022) in PyTorch with frozen weights. Its input is the log-mel of spectra.py, so its losses have a gradient with respect to that mel.

Its weights are those of model.bin in CTranslate2's format (scripts/models/whisper-from-ctranslate2.py says where they come from). The mel of spectra.py is turned into Whisper's by a linear map
of the power in each band and an interpolation from 80 to 100 frames a second.
"""

import importlib.util
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from spectra import BINS, FILTERS, RATE

_path = Path(__file__).resolve().parents[3] / "models" / "whisper-from-ctranslate2.py"
_spec = importlib.util.spec_from_file_location("whisper_from_ctranslate2", _path)
weights_format = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(weights_format)


def band_map() -> Tensor:
    """[100, 80]: weights that turn power in the bands of spectra.py into power in Whisper's bands, by least squares over the bins of the spectrum."""
    hz = np.arange(BINS) * RATE / 2 / (BINS - 1)
    wanted = weights_format.mel_filters(80)
    of_bins = np.stack([np.interp(hz, np.arange(201) * 40.0, row, right=0) for row in wanted])
    # White noise of one density has in a bin the power (rate / 2) * sum of the squared window: 8000 * 150 and 12000 * 384; the bins lie 40 and 23.4 Hz apart.
    of_bins = of_bins * (8000 * 150) / (12000 * 384) * (RATE / 1024) / 40
    ours = FILTERS.numpy()
    solved = np.linalg.lstsq(ours.T, of_bins.T, rcond=1e-2)[0]
    return torch.tensor(np.clip(solved, 0, None), dtype=torch.float32)


class Whisper:
    """`hear` [T, 100] -> encoder states of every layer; `spelling_loss` -> cross-entropy of a text. All weights are constants."""

    def __init__(self, folder: Path, bf16=False):
        """`bf16`: matrices are kept in that precision, for use under autocast."""
        from tokenizers import Tokenizer

        raw = weights_format.read_ctranslate2(folder / "model.bin")
        self.w = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in raw.items() if value.dtype == np.float32}
        if bf16:
            self.w |= {name: value.bfloat16() for name, value in self.w.items() if name.endswith("/weight") and value.ndim > 1}
        self.tokens = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.layers = 1 + max(int(n.split("/")[1][6:]) for n in self.w if n.startswith("encoder/layer_") and n.split("/")[1][6:].isdigit())
        self.map = band_map()

    def linear(self, x: Tensor, name: str, rows: slice = slice(None)) -> Tensor:
        bias = self.w.get(f"{name}/bias")
        return F.linear(x, self.w[f"{name}/weight"][rows], None if bias is None else bias[rows])

    def norm(self, x: Tensor, name: str) -> Tensor:
        return F.layer_norm(x, x.shape[-1:], self.w[f"{name}/gamma"], self.w[f"{name}/beta"])

    def attend(self, q: Tensor, k: Tensor, v: Tensor, causal=False) -> Tensor:
        heads = lambda x: x.unflatten(-1, (-1, 64)).transpose(-2, -3)
        return F.scaled_dot_product_attention(heads(q), heads(k), heads(v), is_causal=causal).transpose(-2, -3).flatten(-2)

    def block(self, x: Tensor, name: str, causal=False, heard: Tensor | None = None) -> Tensor:
        normed = self.norm(x, f"{name}/self_attention/layer_norm")
        x = x + self.linear(self.attend(*self.linear(normed, f"{name}/self_attention/linear_0").chunk(3, -1), causal=causal), f"{name}/self_attention/linear_1")
        if heard is not None:
            q = self.linear(self.norm(x, f"{name}/attention/layer_norm"), f"{name}/attention/linear_0")
            x = x + self.linear(self.attend(q, *self.linear(heard, f"{name}/attention/linear_1").chunk(2, -1)), f"{name}/attention/linear_2")
        return x + self.linear(F.gelu(self.linear(self.norm(x, f"{name}/ffn/layer_norm"), f"{name}/ffn/linear_0")), f"{name}/ffn/linear_1")

    def mel(self, ours: Tensor, quiet=60) -> Tensor:
        """Log-mel [T, 100] of spectra.py -> Whisper's normalised input [80, frames], with `quiet` frames of silence at the end."""
        power = (2 * ours.float().clamp(-8, 8)).exp() @ self.map
        power = F.interpolate(power.T[None], scale_factor=1.25, mode="linear", align_corners=False)[0]
        log = power.clamp_min(1e-10).log10()
        log = F.pad(log, (0, quiet + (log.shape[1] + quiet) % 2), value=-10.0)
        return (torch.maximum(log, log.detach().max() - 8) + 4) / 4

    def hear(self, mel: Tensor) -> list[Tensor]:
        """Whisper's input [80, frames] -> states [frames / 2, width] behind the convolutions, behind every layer, and the normalised last ones."""
        x = mel[None]
        for i, stride in ((1, 1), (2, 2)):
            x = F.gelu(F.conv1d(x, self.w[f"encoder/conv{i}/weight"], self.w[f"encoder/conv{i}/bias"], stride, 1))
        x = x[0].T + self.w["encoder/position_encodings/encodings"][: x.shape[2]]
        states = [x]
        for layer in range(self.layers):
            states.append(self.block(states[-1], f"encoder/layer_{layer}"))
        return [*states, self.norm(states[-1], "encoder/layer_norm")]

    def ids(self, text: str, language: str) -> tuple[list[int], int]:
        """Tokens of a text with those that start and end it, and how many start it."""
        start = [self.tokens.token_to_id(t) for t in ("<|startoftranscript|>", f"<|{language}|>", "<|transcribe|>", "<|notimestamps|>")]
        return [*start, *self.tokens.encode(" " + text, add_special_tokens=False).ids, self.tokens.token_to_id("<|endoftext|>")], len(start)

    def spelling_loss(self, heard: Tensor, text: str, language: str) -> Tensor:
        """Mean cross-entropy of the text's tokens, given the encoder's last states."""
        ids, known = self.ids(text, language)
        x = self.w["decoder/embeddings/weight"][ids[:-1]] + self.w["decoder/position_encodings/encodings"][: len(ids) - 1]
        for layer in range(self.layers):
            x = self.block(x, f"decoder/layer_{layer}", causal=True, heard=heard)
        logits = F.linear(self.norm(x, "decoder/layer_norm")[known - 1 :], self.w["decoder/embeddings/weight"])
        return F.cross_entropy(logits, torch.tensor(ids[known:]))

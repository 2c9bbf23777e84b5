"""Critics of the acoustic model, in training only: of mel patches, and of prosody curves given the text. They keep mels and tunes from being oversmoothed."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import weight_norm

from acoustic import HIDDEN, MEL_MEAN, MEL_SCALE


class MelCritic(nn.Module):
    """Judges mel patches [B, T, MELS]; `stretch` is the first stride over time, so that critics see windows of several lengths."""

    def __init__(self, stretch: int, channels=(16, 32, 32, 32)):
        super().__init__()
        shapes = [((5, 5), (stretch, 2)), ((3, 5), (1, 2)), ((3, 5), (2, 2)), ((3, 3), (1, 1))]
        inputs, layers = 1, []
        for c, (kernel, stride) in zip(channels, shapes):
            layers.append(weight_norm(nn.Conv2d(inputs, c, kernel, stride, (kernel[0] // 2, kernel[1] // 2))))
            inputs = c
        self.layers = nn.ModuleList(layers)
        self.head = weight_norm(nn.Conv2d(inputs, 1, 3, 1, 1))

    def forward(self, mel: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = (mel.unsqueeze(1) - MEL_MEAN) / MEL_SCALE, []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


class CurveCritic(nn.Module):
    """Judges contour, voicing and energy together with what is said there: [B, T, 3 + D + 3]."""

    def __init__(self, channels=64):
        super().__init__()
        self.text = nn.Linear(HIDDEN + 3, 32)
        shapes = [(3 + 32, 5, 1), (channels, 5, 2), (channels, 5, 2), (channels, 3, 2), (channels, 3, 1)]
        self.layers = nn.ModuleList(weight_norm(nn.Conv1d(i, channels, k, s, k // 2)) for i, k, s in shapes)
        self.head = weight_norm(nn.Conv1d(channels, 1, 3, 1, 1))

    def forward(self, curves: Tensor) -> tuple[Tensor, list[Tensor]]:
        x, features = torch.cat([curves[..., :3], self.text(curves[..., 3:])], -1).transpose(1, 2), []
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.1)
            features.append(x)
        return self.head(x), features


def make_acoustic_critics() -> nn.ModuleList:
    return nn.ModuleList([MelCritic(1), MelCritic(2), CurveCritic()])

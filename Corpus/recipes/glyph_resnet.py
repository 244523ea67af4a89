"""glyph-resnet: a residual network far deeper than its task needs, batch norms left in place.

Three stages of six basic blocks at 16x16, 8x8 and 4x4. Trained with stochastic depth, so
that whole branches can be taken out at little cost. Batch normalization is exported as it
was trained: folding it is work for a pass.
"""

import torch
from torch import nn

from glyph_training import Residual, build
from glyphs import CLASSES

WIDTHS, BLOCKS, DROP = (16, 32, 64), 6, 0.25


def convolution(inputs, outputs, size, stride=1):
    return [nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False), nn.BatchNorm2d(outputs)]


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, drop):
        super().__init__()
        self.residual = Residual(nn.Sequential(
            *convolution(inputs, outputs, 3, stride), nn.ReLU(), *convolution(outputs, outputs, 3)), drop)
        self.project = nn.Sequential(*convolution(inputs, outputs, 1, stride)) if inputs != outputs else None

    def forward(self, x):
        return torch.relu(self.residual(x, None if self.project is None else self.project(x)))


def make():
    layers, width, depth = [*convolution(1, WIDTHS[0], 5, 2), nn.ReLU()], WIDTHS[0], len(WIDTHS) * BLOCKS
    for stage, outputs in enumerate(WIDTHS):
        for block in range(BLOCKS):
            index = stage * BLOCKS + block
            stride = 2 if stage > 0 and block == 0 else 1
            layers.append(Block(width, outputs, stride, DROP * index / (depth - 1)))
            width = outputs
    body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, len(CLASSES)))
    # The schedule multiplies this rate: it is the peak.
    optimizer = torch.optim.SGD(body.parameters(), lr=1.0, momentum=0.9, nesterov=True, weight_decay=5e-4)
    return body, optimizer, {"optimizer": "SGD, Nesterov momentum 0.9", "weight_decay": 5e-4,
                             "stochastic_depth": f"0 to {DROP}, linear in depth, per batch"}


if __name__ == "__main__":
    build("glyph-resnet", make, "glyph_resnet.py", seed=11, threads=2, epochs=5, batch=128, peak_rate=0.15, warmup=0.1,
          smoothing=0.1, keep_batch_norms=True,
          about="residual CNN, 3 stages of 6 basic blocks, over-deep on purpose; batch norms not folded")

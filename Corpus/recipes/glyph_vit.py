"""glyph-vit: a small pre-norm vision transformer on the glyphs, attention written out.

Patches make 64 tokens; eight layers of attention and perceptron, each trained with
stochastic depth. Opset 17 has LayerNormalization as an operator; GELU is exported as its
formula, and attention as MatMul, Softmax and the Shape/Reshape chains of the exporter.
"""

import torch
from torch import nn

from glyph_training import Residual, build
from glyphs import CLASSES, SIZE

PATCH, WIDTH, LAYERS, HEADS, EXPANSION, DROP = 4, 64, 8, 4, 2, 0.15


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def heads(self, x):
        count, tokens, _ = x.shape
        return x.reshape(count, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)

    def forward(self, x):
        scores = self.heads(self.query(x)) @ self.heads(self.key(x)).transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        mixed = torch.softmax(scores, -1) @ self.heads(self.value(x))
        return self.output(mixed.transpose(1, 2).reshape(x.shape))


class Embedding(nn.Module):
    """Overlapping patches, one token for each 4x4 pixels, plus a learned position.

    Two small convolutions instead of one 4x4 patch projection: the network then learns in far fewer epochs.
    """

    def __init__(self):
        super().__init__()
        self.patches = nn.Sequential(
            nn.Conv2d(1, WIDTH // 2, 3, 2, 1), nn.ReLU(), nn.Conv2d(WIDTH // 2, WIDTH, 3, 2, 1))
        self.position = nn.Parameter(torch.randn(1, (SIZE // PATCH) ** 2, WIDTH) * 0.02)

    def forward(self, x):
        return self.patches(x).flatten(2).transpose(1, 2).contiguous() + self.position


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.classes = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, len(CLASSES))

    def forward(self, x):
        return self.classes(self.norm(x).mean(1))


def make():
    layers = [Embedding()]
    for index in range(LAYERS):
        drop = DROP * index / (LAYERS - 1)
        perceptron = [nn.Linear(WIDTH, EXPANSION * WIDTH), nn.GELU(), nn.Linear(EXPANSION * WIDTH, WIDTH)]
        layers += [Residual(nn.Sequential(nn.LayerNorm(WIDTH), Attention()), drop),
                   Residual(nn.Sequential(nn.LayerNorm(WIDTH), *perceptron), drop)]
    body = nn.Sequential(*layers, Head())
    # The schedule multiplies this rate: it is the peak.
    optimizer = torch.optim.AdamW(body.parameters(), lr=1.0, weight_decay=0.05)
    return body, optimizer, {"optimizer": "AdamW, gradient norm at most 1", "weight_decay": 0.05,
                             "stochastic_depth": f"0 to {DROP}, linear in depth, per branch and batch"}


if __name__ == "__main__":
    build("glyph-vit", make, "glyph_vit.py", seed=12, threads=1, epochs=6, batch=128, peak_rate=2e-3, warmup=0.1,
          smoothing=0.1, about="vision transformer, 64 tokens, 8 layers, pre-norm, mean pooling; attention decomposed")

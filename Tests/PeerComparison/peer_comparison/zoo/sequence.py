"""A tagger of two bidirectional LSTM layers."""

import torch
from torch import nn

from . import weights
from .subject import Input, Subject


class Tagger(nn.Module):
    def __init__(self, words=1000, width=128, state=256, tags=32):
        super().__init__()
        self.embedding = nn.Embedding(words, width)
        self.lstm = nn.LSTM(width, state, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * state, tags)

    def forward(self, ids):
        states, (last, _) = self.lstm(self.embedding(ids))
        return self.head(states).log_softmax(-1), last


def tagger():
    torch.manual_seed(0)
    model = Tagger()
    weights.perturb(model)
    return model.eval()


SUBJECTS = {
    "lstm": Subject(
        tagger, (Input("input_ids", ("batch", "seq"), "ids", 1000),), ("logp", "h"), {"batch": 2, "seq": 17},
        ({"batch": 1, "seq": 9}, {"batch": 2, "seq": 17}, {"batch": 3, "seq": 30})),
}

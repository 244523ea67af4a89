"""The networks, grouped by the library that they come from. A group is imported only when one of it is exported."""

import importlib

from . import torchvision_operators  # noqa: F401 (before torchvision, which transformers imports too)

GROUPS = ("vision", "sequence", "language")
LANGUAGE = ("bert", "gpt2", "llama", "t5", "whisper")


def find(name):
    if name == "lstm":
        group = "sequence"
    else:
        group = "language" if name.startswith(LANGUAGE) else "vision"
    return importlib.import_module(f".{group}", __package__).SUBJECTS[name]

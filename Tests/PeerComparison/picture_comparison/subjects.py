"""The models that are drawn: those of the Corpus, three that are made here, and what `peer_comparison` has exported."""

import subprocess
import sys
from pathlib import Path

CLONE = Path(__file__).resolve().parents[3]
MADE = {"ten nodes": "ten", "24 layers": "layers", "chain_10k": "chain"}


def subjects(folder, exports):
    """Names and paths; what needs an export is left out where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus, own = CLONE / "Corpus/models", {name: folder / f"{file}.onnx" for name, file in MADE.items()}
    if not all(path.exists() for path in own.values()):
        # A process of its own, since a program's peak memory starts at that of the process that runs it.
        subprocess.run([sys.executable, "-m", "picture_comparison.making", *own.values()], check=True)
    paths = {
        "ten nodes": own["ten nodes"],
        "glyph-resnet": corpus / "glyph-resnet/model.onnx",
        "24 layers": own["24 layers"],
        "ssdlite320": exports / "ssdlite320.ts.onnx",
        "table-trees": corpus / "table-trees/model.onnx",
        "chain_10k": own["chain_10k"],
    }
    return {name: path for name, path in paths.items() if path.exists()}

"""The programs: those that write a picture from the command line, and those that show one in a browser."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote


@dataclass(frozen=True)
class Drawer:
    """Writes an SVG; `command` takes the model and the picture, and runs in a shell."""

    command: str

    def line(self, model, picture, workbench):
        words = {"model": model, "picture": picture, "workbench": workbench, "python": sys.executable}
        return ["sh", "-c", self.command.format_map({key: shlex.quote(str(word)) for key, word in words.items()})]


@dataclass(frozen=True)
class Viewer:
    """Serves a page that shows the model."""

    command: tuple[str, ...]
    """Takes the model and a port."""
    ready: str
    """Holds in the page when the model is there."""
    boxes: str | None
    """Selects nodes in the page; None where they are pixels."""
    page: str = "/"
    cookies: tuple[str, ...] = ()
    unfold: tuple[str, ...] = ()
    """Selectors of the buttons that show all nodes, where not all are shown at first."""
    export: tuple[str, ...] = ()
    """Of the buttons that write a picture; none: Control and Alt with E."""

    def line(self, model, port):
        words = [each.format(model=model, port=port) for each in self.command]
        return [str(Path(sys.executable).parent / words[0]), *words[1:]]

    def url(self, model, port):
        data = quote(json.dumps({"models": [{"url": str(model)}]}))
        return f"http://localhost:{port}{self.page.format(data=data)}"


DRAWERS = {
    "workbench": Drawer("{workbench} render --quiet --force -m {model} -o {picture}"),
    "net_drawer": Drawer("{python} -W ignore -m onnx.tools.net_drawer --input {model} --output {picture}.dot"
                         " && dot -Tsvg {picture}.dot -o {picture}"),
}

VIEWERS = {
    "Netron": Viewer(
        ("netron", "--port", "{port}", "{model}"),
        # The page asks for consent to cookies before it opens anything.
        cookies=("consent",), ready="document.body.className === 'default'", boxes="g.node"),
    "Model Explorer": Viewer(
        ("model-explorer", "--no_open_in_browser", "--skip_health_check", "--extensions=model_explorer_onnx",
         "--port", "{port}", "{model}"),
        page="/?data={data}", ready="document.body.innerText.includes('op node count')", boxes=None,
        unfold=(".expand-all.mat-icon-container",),
        export=(".download-png.mat-icon-container",
                ".model-explorer-download-png-menu .menu-item:nth-child(2)")),
}

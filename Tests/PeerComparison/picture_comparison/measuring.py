"""One program on one model: what it costs until a picture is there, and what that shows."""

import hashlib
import re
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from peer_comparison import child
from peer_comparison.measuring import read

from .browser import SIZE, Browser
from .processes import cpu_seconds, megabytes

LIMIT = 300
"""Seconds after which a program is stopped."""

PIXELS_PER_POINT = 96 / 72


@dataclass(frozen=True)
class Task:
    model: Path
    folder: Path
    """Where pictures and views of the screen stay, to look at."""
    name: str


def drawn(drawer, task, workbench):
    """By a program that writes an SVG; run twice, measured once."""
    pictures = [task.folder / f"{task.name}{suffix}.svg" for suffix in ("", ".again")]
    read(task.model)
    cost = child.run(drawer.line(task.model, pictures[0], workbench), LIMIT)
    record = {"wall": cost.wall, "cpu": cost.cpu, "peak": cost.peak, "failure": cost.failure}
    if cost.failure:
        return record
    again = child.run(drawer.line(task.model, pictures[1], workbench), LIMIT)
    record |= {"bytes": pictures[0].stat().st_size, "pixels": svg_size(pictures[0].read_text()),
               "repeats": again.failure is None and digest(pictures[0]) == digest(pictures[1])}
    return record | seen(pictures[0], task)


def seen(picture, task):
    """The SVG in a browser, in its own size."""
    with Browser() as browser:
        browser.open(picture.as_uri())
        view, _ = browser.settled("document.documentElement !== null", LIMIT)
        (task.folder / f"{task.name}.png").write_bytes(view)
        return boxes(browser, "g.node")


def shown(viewer, task):
    """By a program with a page; opened twice, measured once."""
    read(task.model)
    record, again = {"failure": None}, {}
    try:
        opened(viewer, task, record)
        opened(viewer, task, again)
        record["repeats"] = record["digest"] == again["digest"]
    except (TimeoutError, RuntimeError) as error:
        record["failure"] = str(error)
    return record


def opened(viewer, task, record):
    """Puts into `record` what is known, as soon as it is."""
    port, start = free_port(), time.perf_counter()
    server = subprocess.Popen(viewer.line(task.model, port), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        await_server(port)
        with Browser() as browser:
            browser.open(viewer.url(task.model, port), viewer.cookies)
            view, end = browser.settled(viewer.ready, LIMIT)
            processes = server, browser.process
            record |= {"wall": end - start, "cpu": cpu_seconds(processes), "peak": megabytes(processes)}
            (task.folder / f"{task.name}.png").write_bytes(view)
            record |= boxes(browser, viewer.boxes) if viewer.boxes else {}
            record["hosts"] = sorted({host for url in browser.requests if (host := host_of(url))})
            record |= unfolded(viewer, browser, task)
            record |= exported(viewer, browser, task)
    finally:
        server.terminate()
        server.wait()


def unfolded(viewer, browser, task):
    if not viewer.unfold:
        return {}
    start = time.perf_counter()
    for selector in viewer.unfold:
        browser.click(selector)
    view, end = browser.settled("true", LIMIT)
    (task.folder / f"{task.name}.unfolded.png").write_bytes(view)
    return {"unfolding": end - start}


def exported(viewer, browser, task):
    start = time.perf_counter()
    for selector in viewer.export:
        browser.click(selector)
    if not viewer.export:
        browser.press("e", ord("E"), control=True, alt=True)
    picture = browser.downloaded(LIMIT)
    is_png = picture.startswith(b"\x89PNG")
    path = task.folder / f"{task.name}.export{'.png' if is_png else '.svg'}"
    path.write_bytes(picture)
    size = struct.unpack(">II", picture[16:24]) if is_png else svg_size(picture.decode())
    return {"exporting": time.perf_counter() - start, "bytes": len(picture), "pixels": size, "digest": digest(path)}


def boxes(browser, selector):
    """Nodes of the page, those of them that are wholly within the first view, and the size of their letters."""
    within = (f"(r => r.left >= 0 && r.top >= 0 && r.right <= {SIZE[0]} && r.bottom <= {SIZE[1]})"
              "(e.getBoundingClientRect())")
    nodes = f"[...document.querySelectorAll('{selector}')]"
    letters = (f"Math.min(...[...document.querySelectorAll('{selector} text')].slice(0, 500)"
               ".map(e => parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a))")
    return {"boxes": browser.value(f"{nodes}.length"), "visible": browser.value(f"{nodes}.filter(e => {within}).length"),
            "letters": browser.value(letters)}


def svg_size(text):
    """Width and height in pixels."""
    root = re.search(r"<svg[^>]*>", text)[0]
    sizes = [re.search(rf'\s{side}="([\d.]+)(pt|px)?"', root) for side in ("width", "height")]
    return [round(float(each[1]) * (PIXELS_PER_POINT if each[2] == "pt" else 1)) for each in sizes]


def host_of(url):
    """None for this machine."""
    host = re.match(r"https?://([^/:]+)", url)
    return host[1] if host and host[1] not in ("localhost", "127.0.0.1") else None


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def free_port():
    with socket.socket() as listener:
        listener.bind(("localhost", 0))
        return listener.getsockname()[1]


def await_server(port, limit=60):
    end = time.perf_counter() + limit
    while time.perf_counter() < end:
        try:
            socket.create_connection(("localhost", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server does not answer")

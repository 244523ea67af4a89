"""Chromium without a window, through its DevTools protocol."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

from .processes import cpu_seconds

SIZE = 1280, 900
"""Of the page, in pixels."""

REST = 3
"""Seconds of hardly any work after which nothing more is expected; a busy machine may let a process wait."""

NAMES = "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"


class Browser:
    """With a fresh profile, which goes with it. Graphics are computed in software."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp())
        self.downloads = self.folder / "downloads"
        self.session, self.count, self.requests = None, 0, []
        # The sandbox does not work for root, and the pages are programs that were installed.
        self.process = subprocess.Popen(
            [next(filter(None, map(shutil.which, NAMES))), "--headless=new", "--no-sandbox", "--no-first-run",
             "--disable-dev-shm-usage", "--enable-unsafe-swiftshader", "--remote-debugging-port=0",
             f"--user-data-dir={self.folder}/profile", "about:blank"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.socket = connect(f"ws://127.0.0.1:{self.endpoint()}", max_size=None)
        page = next(each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        self.call("Network.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=SIZE[0], height=SIZE[1], deviceScaleFactor=1,
                  mobile=False)
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def endpoint(self):
        """`PORT/PATH`, which the browser writes when it listens."""
        file, end = self.folder / "profile/DevToolsActivePort", time.perf_counter() + 30
        while time.perf_counter() < end:
            lines = file.read_text().split() if file.exists() else []
            if len(lines) == 2:
                return "".join(lines)
            time.sleep(0.02)
        raise TimeoutError("the browser does not answer")

    def call(self, method, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if self.session and not method.startswith(("Browser.", "Target.")):
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("method") == "Network.requestWillBeSent":
                self.requests.append(answer["params"]["request"]["url"])
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def open(self, url, cookies=()):
        for name in cookies:
            self.call("Network.setCookie", name=name, value="1", url=url)
        self.call("Page.navigate", url=url)

    def value(self, expression):
        """Of an expression in JavaScript; None where it throws."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return None if "exceptionDetails" in result else result["result"].get("value")

    def screenshot(self):
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def click(self, selector, limit=10):
        """The first such element, when it is there."""
        found, end = f"document.querySelector({json.dumps(selector)})", time.perf_counter() + limit
        while not self.value(f"{found} !== null"):
            if time.perf_counter() > end:
                raise TimeoutError(f"there is no {selector}")
            time.sleep(0.05)
        self.value(f"{found}.click()")

    def press(self, key, code, *, control=False, alt=False):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=f"Key{key.upper()}",
                      windowsVirtualKeyCode=code, modifiers=2 * control + alt)

    def settled(self, ready, limit):
        """How the page looks when `ready` holds, and since when it has looked so and its processes have rested.
        Throws after `limit` seconds."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            if self.value(ready):
                view, since = self.screenshot(), time.perf_counter()
                if self.rests() and self.screenshot() == view:
                    return view, since
            time.sleep(0.05)
        raise TimeoutError(f"not done after {limit} s")

    def rests(self):
        before = cpu_seconds([self.process])
        time.sleep(REST)
        return cpu_seconds([self.process]) - before < 0.1 * REST

    def downloaded(self, limit):
        """The file that the page offered."""
        end = time.perf_counter() + limit
        while time.perf_counter() < end:
            files = [each for each in self.downloads.glob("*") if not each.name.endswith(".crdownload")]
            if files:
                return files[0].read_bytes()
            time.sleep(0.05)
        raise TimeoutError(f"nothing was exported in {limit} s")

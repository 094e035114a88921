"""Headless Chromium by the DevTools protocol, over a pair of pipes: nothing but the standard library."""

import base64
import itertools
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import threading
import time

PATIENCE = 120  # seconds: a machine may be busy with other tests

# Chromium's names of keys, where they are not letters: code, virtual key code, text.
KEYS = {
    "Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Escape": ("Escape", 27, ""),
    "Backspace": ("Backspace", 8, ""), "Delete": ("Delete", 46, ""), " ": ("Space", 32, " "),
    "ArrowLeft": ("ArrowLeft", 37, ""), "ArrowUp": ("ArrowUp", 38, ""),
    "ArrowRight": ("ArrowRight", 39, ""), "ArrowDown": ("ArrowDown", 40, ""),
}  # fmt: skip


def find_chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One tab. `problems` collects errors of scripts, of the console, and of the security policy."""

    def __init__(self, program):
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()

        def pipes():  # Chromium reads from 3 and writes to 4
            os.dup2(to_browser, 10)
            os.dup2(from_browser, 11)
            os.dup2(10, 3)
            os.dup2(11, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
             "--no-first-run", "--disable-extensions", "--disable-component-update",
             "--disable-background-networking", "--disable-dev-shm-usage", "--hide-scrollbars",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
             f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self.ids = itertools.count(1)
        self.answers = {}
        self.context = self.session = None
        threading.Thread(target=self._listen, daemon=True).start()
        self.fresh()

    def fresh(self):
        """A new tab in place of the old one, with an empty storage."""
        if self.context:
            self._call("Target.disposeBrowserContext", {"browserContextId": self.context}, None)
        self.problems = []
        self.expected = ()
        self.context = self._call("Target.createBrowserContext", {}, None)["browserContextId"]
        target = self._call("Target.createTarget", {"url": "about:blank", "browserContextId": self.context}, None)
        self.session = self._call("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True},
                                  None)["sessionId"]  # fmt: skip
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        os.close(self.write_end)
        self.profile.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _listen(self):
        rest = b""
        while True:
            data = os.read(self.read_end, 1 << 16)
            if not data:
                return
            *messages, rest = (rest + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers[message["id"]].put(message)
                elif message.get("sessionId") == self.session:
                    self._note(message.get("method"), message.get("params", {}))

    def _note(self, method, event):
        text = None
        if method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details["text"]
        elif method == "Runtime.consoleAPICalled" and event["type"] in ("error", "warning", "assert"):
            text = " ".join(str(one.get("value", one.get("description"))) for one in event["args"])
        elif method == "Log.entryAdded" and event["entry"]["level"] in ("error", "warning"):
            text = f"{event['entry']['text']} {event['entry'].get('url', '')}"
        if text and not any(expected in text for expected in self.expected):
            self.problems.append(text)

    def _call(self, method, params, session):
        number = next(self.ids)
        self.answers[number] = queue.Queue()
        message = {"id": number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        got = self.answers[number].get(timeout=PATIENCE)
        del self.answers[number]
        if "error" in got:
            raise RuntimeError(f"{method}: {got['error']}")
        return got["result"]

    def call(self, method, **params):
        return self._call(method, params, self.session)

    def run(self, script):
        """The value of an expression in the page; promises are awaited."""
        got = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise AssertionError(f"{script}: {got['exceptionDetails']['exception'].get('description')}")
        return got["result"].get("value")

    def wait(self, script, why=None):
        """Until an expression is true."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.run(f"Boolean({script})"):
                return
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for {why or script}; problems: {self.problems}")

    def open(self, address):
        self.call("Page.navigate", url=address)
        self.wait("document.readyState === 'complete'")

    def reload(self):
        self.run("window.isOld = true")
        self.call("Page.reload")
        self.wait("!window.isOld && document.readyState === 'complete'", "the page again")

    def size(self, width, height=900):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=width < 500)  # fmt: skip

    def media(self, **features):
        """As media(prefers_color_scheme="dark")."""
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()])  # fmt: skip

    def text(self, selector):
        """The text of the first element of a kind; empty if there is none."""
        return self.run(f"document.querySelector({json.dumps(selector)})?.textContent ?? ''")

    def press(self, *keys):
        """Keys by their names; "Shift+Tab" is one."""
        for key in keys:
            shift, name = key.startswith("Shift+"), key.removeprefix("Shift+")
            code, number, text = KEYS.get(name, (f"Digit{name}" if name.isdigit() else f"Key{name.upper()}",
                                                 ord(name[0].upper()), name))  # fmt: skip
            event = {"key": name, "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
            self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **event)
            self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector):
        """A real click in the middle of an element."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        x, y, width, height = self.run(
            f"(({{ x, y, width, height }}) => [x, y, width, height])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")  # fmt: skip
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x + width / 2, y=y + height / 2, button="left", clickCount=1)

    def nameless(self):
        """Roles of controls that a screen reader would find without a name."""
        roles = {"button", "link", "textbox", "searchbox", "combobox", "radio", "radiogroup", "spinbutton", "dialog",
                 "navigation", "progressbar"}  # fmt: skip
        self.call("Accessibility.enable")
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        self.call("Accessibility.disable")
        return [node["role"]["value"] for node in nodes
                if not node.get("ignored") and node.get("role", {}).get("value") in roles
                and not node.get("name", {}).get("value")]  # fmt: skip

    def picture(self, file, whole=False):
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(file).write_bytes(base64.b64decode(shot["data"]))

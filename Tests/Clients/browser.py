"""Headless Chromium and Firefox with fake media, for black-box WebRTC tests.

    async with Chromium() as b:                 # or Firefox()
        page = await b.page()                   # blank page on a secure (loopback) origin; or b.page(url)
        await page.eval("document.title")       # any JS expression; promises are awaited; result is JSON
        rtc = await page.rtc_make("pub", {"iceServers": []})
        await rtc.media(video={"width": 320, "height": 180, "frameRate": 15})
        sdp = await rtc.offer(); await rtc.accept(answer); await rtc.summary()
        await page.screenshot("shot.png", 390, 844, mobile=True)

Chromium is driven over its own DevTools pipe (no port, no library); Firefox over WebDriver BiDi (PyPI
`websockets`). No chromedriver, geckodriver, selenium or playwright is needed.
"""
from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from signaling import Polling

PAGE_JS = (Path(__file__).parent / "page.js").read_text()
BLANK = b"<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title><body></body>"


class BrowserError(RuntimeError):
    pass


class BlankOrigin:
    """A one-page HTTP server: getUserMedia needs a secure origin, and http://127.0.0.1 counts as one."""

    async def start(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return "http://127.0.0.1:%d/" % self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(BLANK), BLANK))
            await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.TimeoutError, ConnectionError):
            pass
        finally:
            writer.close()

    def stop(self):
        self.server.close()


class Rtc(Polling):
    """One named RTCPeerConnection inside a page. Same methods as aiortc_client.Peer and gst_client.Peer."""

    def __init__(self, page: "Page", name: str):
        self.page, self.name = page, name

    def _call(self, fn: str, *args):
        return self.page.eval("H.%s(%s)" % (fn, ",".join(json.dumps(a) for a in (self.name, *args))))

    async def media(self, **media):
        return await self._call("addMedia", media)

    async def offer(self, **opts) -> str:
        return await self._call("offer", opts)

    async def accept(self, sdp: str):
        await self._call("accept", sdp)

    async def answer(self, sdp: str, **opts) -> str:
        return await self._call("answer", sdp, opts)

    async def take(self) -> list:
        """Local candidates gathered since the last call (for trickle)."""
        return await self._call("take")

    async def add_candidate(self, candidate: dict):
        await self._call("addCandidate", candidate)

    async def summary(self) -> dict:
        return await self._call("summary")

    async def stats(self) -> list:
        return await self._call("stats")

    async def channel(self, label: str, **init):
        return await self._call("channel", label, init)

    async def send(self, label: str, text: str):
        await self._call("send", label, text)

    async def send_bytes(self, label: str, data: bytes):
        await self._call("sendBytes", label, data.hex())

    async def messages(self) -> list:
        """What has come over data channels since the last call: [label, text], bytes as "hex:..."."""
        return await self._call("messages")

    async def colour(self):
        return await self._call("colour")

    async def colours(self) -> dict:
        return await self._call("colours")

    async def heard(self) -> dict:
        """The loudest frequency of each received sound, by media section."""
        return await self._call("heard")

    async def streams(self) -> list:
        """The names of the streams that are sent, in the order of media()."""
        return await self._call("streams")

    async def firsts(self) -> dict:
        """When each received picture was first shown: seconds of the wall clock, by media section."""
        return {mid: ms / 1000 for mid, ms in (await self._call("firsts")).items()}

    async def rollback(self):
        await self._call("rollback")

    async def close(self):
        await self._call("close")


class Page:
    async def eval(self, expression: str, timeout: float = 60):
        raise NotImplementedError

    async def rtc_make(self, name: str, config: dict | None = None) -> Rtc:
        await self.eval("(H.make(%s,%s),1)" % (json.dumps(name), json.dumps(config or {})))
        return Rtc(self, name)


def _wrap(expression: str) -> str:
    return "(async()=>JSON.stringify((await (%s))??null,(k,v)=>v===undefined?null:v))()" % expression


def trust(database: Path, ca):
    """Make a CA file trusted by the browser that uses this NSS database (Debian package libnss3-tools)."""
    database.mkdir(parents=True, exist_ok=True)
    subprocess.check_call(["certutil", "-N", "-d", "sql:%s" % database, "--empty-password"])
    subprocess.check_call(["certutil", "-A", "-d", "sql:%s" % database, "-t", "C,,", "-n", "test-ca", "-i", str(ca)])


class _Process:
    """A browser process in its own process group with a throw-away profile."""

    async def _spawn(self, argv, pass_fds=(), env=None, log=None):
        # What a browser and its sound server put into the folder of temporary files, they leave there when they are killed.
        own = Path(self.profile) / "tmp"
        own.mkdir()
        env = {**(os.environ if env is None else env), "TMPDIR": str(own)}
        self.log_path = Path(log) if log else Path(self.profile) / "browser.log"
        with open(self.log_path, "wb") as out:
            self.proc = await asyncio.create_subprocess_exec(
                *argv, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out,
                pass_fds=pass_fds, env=env, start_new_session=True)

    async def _reap(self):
        proc = getattr(self, "proc", None)
        if proc is not None:
            for sig, grace in ((signal.SIGTERM, 3), (signal.SIGKILL, 5)):
                try:
                    os.killpg(proc.pid, sig)   # the group this object created, nothing else
                except ProcessLookupError:
                    pass
                try:
                    await asyncio.wait_for(proc.wait(), grace)
                    break
                except asyncio.TimeoutError:
                    continue
            try:
                os.killpg(proc.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        shutil.rmtree(self.profile, ignore_errors=True)

    def usage(self) -> dict:
        """CPU seconds and proportional memory of the whole browser process group, from /proc."""
        return group_usage(self.proc.pid)


def group_usage(pgid: int) -> dict:
    cpu, pss, n = 0.0, 0, 0
    for d in Path("/proc").iterdir():
        if not d.name.isdigit():
            continue
        try:
            f = (d / "stat").read_text().rsplit(")", 1)[1].split()
            if int(f[2]) != pgid:
                continue
            cpu += (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")
            n += 1
            for line in (d / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
        except (OSError, IndexError, ValueError):
            continue
    return {"cpu_s": round(cpu, 2), "pss_mib": pss // 1024, "processes": n}


# ------------------------------------------------------------------------------------------- Chromium

CHROMIUM_FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-default-browser-check", "--mute-audio", "--hide-scrollbars", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required", "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection", "--password-store=basic",
]
CHROMIUM_OFF = ["WebRtcHideLocalIpsWithMdns", "Translate", "MediaRouter", "OptimizationHints"]


NAMED = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40}
MODIFIERS = {"Alt": 1, "Control": 2, "Meta": 4, "Shift": 8}


def _key(key: str, modifiers: int) -> dict:
    """As the DevTools protocol names a key of a US keyboard."""
    if key in NAMED:
        return {"key": key, "code": key, "windowsVirtualKeyCode": NAMED[key]}
    if len(key) > 1:
        return {"key": key, "code": key + "Left"}
    if key == " ":
        return {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32}
    if key.isalpha():
        return {"key": key.upper() if modifiers & 8 else key, "code": "Key" + key.upper(), "windowsVirtualKeyCode": ord(key.upper())}
    return {"key": key, "code": {"?": "Slash"}.get(key, ""), "windowsVirtualKeyCode": {"?": 191}.get(key, 0)}


class ChromiumPage(Page):
    def __init__(self, browser, target, session):
        self.browser, self.target, self.session = browser, target, session

    async def cdp(self, method, **params):
        return await self.browser.cdp(method, params, self.session)

    async def goto(self, url):
        loaded = self.browser.expect("Page.loadEventFired", self.session)
        await self.cdp("Page.navigate", url=url)
        await asyncio.wait_for(loaded, 30)

    async def eval(self, expression, timeout=60):
        r = await asyncio.wait_for(self.cdp("Runtime.evaluate", expression=_wrap(expression), awaitPromise=True,
                                            returnByValue=True, userGesture=True), timeout)
        if "exceptionDetails" in r:
            d = r["exceptionDetails"]
            raise BrowserError(d.get("exception", {}).get("description") or d.get("text"))
        return json.loads(r["result"]["value"])

    async def viewport(self, width, height, scale=1, mobile=False):
        await self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)
        await self.cdp("Emulation.setTouchEmulationEnabled", enabled=mobile)

    async def screenshot(self, path, width=1280, height=800, scale=1, mobile=False):
        await self.viewport(width, height, scale, mobile)
        await asyncio.sleep(0.3)
        r = await self.cdp("Page.captureScreenshot", format="png")
        Path(path).write_bytes(base64.b64decode(r["data"]))

    async def offline(self, offline: bool):
        """Refuses new HTTP and WebSocket connections of the page; open WebSockets and RTP go on (use impair.py for those)."""
        await self.cdp("Network.enable")
        await self.cdp("Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    async def press(self, *keys: str, hold: float = 0):
        """Keys that go down one after another and up again together: press("Control", "Shift", "y"). hold: seconds in between."""
        down = 0
        for key in keys:
            down |= MODIFIERS.get(key, 0)
            # What a key writes, or does to a button, comes of its text.
            text = {"text": "\r"} if key == "Enter" else {}
            await self.cdp("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", modifiers=down, **_key(key, down), **text)
        await asyncio.sleep(hold)
        for key in reversed(keys):
            down &= ~MODIFIERS.get(key, 0)
            await self.cdp("Input.dispatchKeyEvent", type="keyUp", modifiers=down, **_key(key, down))

    async def point(self, x: float, y: float):
        """A click of the mouse."""
        for type in ("mousePressed", "mouseReleased"):
            await self.cdp("Input.dispatchMouseEvent", type=type, x=x, y=y, button="left", clickCount=1)

    async def sleep(self, isAsleep: bool):
        """As a system does with pages that nobody looks at: nothing in it runs."""
        await self.cdp("Page.setWebLifecycleState", state="frozen" if isAsleep else "active")

    async def before(self, script: str):
        """Runs ahead of everything else in documents that are opened from now on."""
        await self.cdp("Page.addScriptToEvaluateOnNewDocument", source=script)

    async def close(self):
        await self.browser.cdp("Target.closeTarget", {"targetId": self.target})


class Chromium(_Process):
    """fake_device: arguments for --use-fake-device-for-media-stream, e.g. "fps=15,device-count=2"; None = no devices.
    audio_file / video_file: WAV and Y4M or MJPEG files to feed instead of the beep and the rolling pie.
    ca: a CA certificate file to trust for https, wss and turns."""

    def __init__(self, binary="/usr/bin/chromium", fake_device="fps=15", audio_file=None, video_file=None,
                 features_on=(), features_off=(), flags=(), ca=None, log=None):
        self.binary, self.extra, self.ca, self.log = binary, list(flags), ca, log
        if fake_device is not None:
            self.extra.append("--use-fake-device-for-media-stream" + ("=" + fake_device if fake_device else ""))
        if audio_file:
            self.extra.append("--use-file-for-fake-audio-capture=%s" % audio_file)
        if video_file:
            self.extra.append("--use-file-for-fake-video-capture=%s" % video_file)
        self.extra.append("--disable-features=" + ",".join([*CHROMIUM_OFF, *features_off]))
        if features_on:
            self.extra.append("--enable-features=" + ",".join(features_on))
        self.ids, self.waiting, self.expected, self.console, self.errors = 0, {}, [], [], []

    async def __aenter__(self):
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        if self.ca:
            trust(Path(self.profile) / ".pki/nssdb", self.ca)   # Chromium looks in $HOME
        r_in, self.w = os.pipe()
        self.r, w_out = os.pipe()
        argv = [self.binary, *CHROMIUM_FLAGS, *self.extra, "--remote-debugging-pipe", "--user-data-dir=" + self.profile, "about:blank"]
        # The pipe protocol wants descriptors 3 and 4 exactly; bash does the renumbering.
        await self._spawn(["/bin/bash", "-c", 'exec "$@" 3<&%d 4>&%d' % (r_in, w_out), "sh", *argv],
                          pass_fds=(r_in, w_out), env={**os.environ, "HOME": self.profile}, log=self.log)
        os.close(r_in)
        os.close(w_out)
        loop = asyncio.get_running_loop()
        self.reader = asyncio.StreamReader(limit=1 << 28)
        self.transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self.reader), os.fdopen(self.r, "rb"))
        self.pump = asyncio.create_task(self._pump())
        self.origin = BlankOrigin()
        self.blank = await self.origin.start()
        try:
            self.version = await asyncio.wait_for(self.cdp("Browser.getVersion"), 30)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exc):
        try:
            await asyncio.wait_for(self.cdp("Browser.close"), 3)
        except Exception:
            pass
        await self._reap()
        self.pump.cancel()
        self.transport.close()
        os.close(self.w)
        self.origin.stop()

    async def _pump(self):
        try:
            while True:
                msg = json.loads((await self.reader.readuntil(b"\0"))[:-1])
                if "id" in msg:
                    fut = self.waiting.pop(msg["id"], None)
                    if fut and not fut.done():
                        fut.set_result(msg)
                    continue
                if msg["method"] == "Runtime.consoleAPICalled":
                    self.console.append(" ".join(str(a.get("value", a.get("description", ""))) for a in msg["params"]["args"]))
                elif msg["method"] == "Runtime.exceptionThrown":
                    d = msg["params"]["exceptionDetails"]
                    self.errors.append(d.get("exception", {}).get("description") or d["text"])
                elif msg["method"] == "Log.entryAdded" and msg["params"]["entry"]["level"] == "error":
                    self.errors.append("%(text)s %(url)s" % {"url": "", **msg["params"]["entry"]})
                for item in list(self.expected):
                    if item[0] == msg["method"] and item[1] == msg.get("sessionId") and not item[2].done():
                        item[2].set_result(msg["params"])
                        self.expected.remove(item)
        except (asyncio.IncompleteReadError, ConnectionError):
            for fut in self.waiting.values():
                if not fut.done():
                    fut.set_exception(BrowserError("browser went away, see %s" % self.log_path))

    def expect(self, method, session):
        fut = asyncio.get_running_loop().create_future()
        self.expected.append((method, session, fut))
        return fut

    async def cdp(self, method, params=None, session=None):
        self.ids += 1
        msg = {"id": self.ids, "method": method, "params": params or {}}
        if session:
            msg["sessionId"] = session
        fut = asyncio.get_running_loop().create_future()
        self.waiting[self.ids] = fut
        os.write(self.w, json.dumps(msg).encode() + b"\0")
        reply = await fut
        if "error" in reply:
            raise BrowserError("%s: %s" % (method, reply["error"]))
        return reply["result"]

    async def page(self, url=None, isolated=True) -> ChromiumPage:
        """A new tab; isolated = its own cookies and storage (another user)."""
        params = {"url": "about:blank"}
        if isolated:
            params["browserContextId"] = (await self.cdp("Target.createBrowserContext"))["browserContextId"]
        target = (await self.cdp("Target.createTarget", params))["targetId"]
        session = (await self.cdp("Target.attachToTarget", {"targetId": target, "flatten": True}))["sessionId"]
        page = ChromiumPage(self, target, session)
        await page.cdp("Page.enable")
        await page.cdp("Runtime.enable")
        await page.cdp("Log.enable")
        await page.cdp("Page.addScriptToEvaluateOnNewDocument", source=PAGE_JS)
        await page.goto(url or self.blank)
        return page


# -------------------------------------------------------------------------------------------- Firefox

FIREFOX_PREFS = {
    # Without a sound card audio would stand still: this one takes and gives it, and has no ears.
    "media.cubeb.force_mock_context": True,
    "media.navigator.streams.fake": True, "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True, "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0, "media.gmp-manager.updateEnabled": False,
    "media.getdisplaymedia.enabled": True, "network.proxy.type": 0, "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False, "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.enabled": False, "extensions.update.enabled": False, "browser.safebrowsing.downloads.remote.enabled": False,
    "dom.timeout.enable_budget_timer_throttling": False, "dom.min_background_timeout_value": 4,
    "remote.active-protocols": 1, "dom.ipc.processCount": 1, "dom.ipc.processPrelaunch.enabled": False,
    "fission.autostart": False, "browser.tabs.remote.separatePrivilegedContentProcess": False,
}


class FirefoxPage(Page):
    def __init__(self, browser, context):
        self.browser, self.context = browser, context

    async def goto(self, url):
        await self.browser.bidi("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def eval(self, expression, timeout=60):
        r = await asyncio.wait_for(self.browser.bidi(
            "script.evaluate", expression=_wrap(expression), target={"context": self.context},
            awaitPromise=True, userActivation=True), timeout)
        if r["type"] != "success":
            raise BrowserError(r["exceptionDetails"]["text"])
        return json.loads(r["result"]["value"])

    async def viewport(self, width, height, scale=1, mobile=False):
        await self.browser.bidi("browsingContext.setViewport", context=self.context,
                                viewport={"width": width, "height": height}, devicePixelRatio=scale)

    async def screenshot(self, path, width=1280, height=800, scale=1, mobile=False):
        await self.viewport(width, height, scale)
        await asyncio.sleep(0.3)
        r = await self.browser.bidi("browsingContext.captureScreenshot", context=self.context)
        Path(path).write_bytes(base64.b64decode(r["data"]))

    async def press(self, *keys: str, hold: float = 0):
        """As in Chromium."""
        codes = [{"Control": "\ue009", "Shift": "\ue008", "Alt": "\ue00a", "Meta": "\ue03d", "Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c",
                  "ArrowUp": "\ue013", "ArrowDown": "\ue015"}.get(key, key) for key in keys]
        actions = [{"type": "keyDown", "value": code} for code in codes] + [{"type": "pause", "duration": int(hold * 1000)}]
        actions += [{"type": "keyUp", "value": code} for code in reversed(codes)]
        await self.browser.bidi("input.performActions", context=self.context, actions=[{"type": "key", "id": "keys", "actions": actions}])

    async def close(self):
        await self.browser.bidi("browsingContext.close", context=self.context)


class Firefox(_Process):
    """display: ":99" of a running Xvfb instead of headless, which getDisplayMedia needs. ca: as for Chromium."""

    def __init__(self, binary="/usr/bin/firefox-esr", prefs=None, display=None, ca=None, log=None):
        self.binary, self.prefs, self.display, self.ca, self.log = binary, {**FIREFOX_PREFS, **(prefs or {})}, display, ca, log
        self.ids, self.waiting, self.errors = 0, {}, []

    async def __aenter__(self):
        import websockets
        self.profile = tempfile.mkdtemp(prefix="firefox-")
        (Path(self.profile) / "user.js").write_text(
            "".join("user_pref(%s, %s);\n" % (json.dumps(k), json.dumps(v)) for k, v in self.prefs.items()))
        if self.ca:
            trust(Path(self.profile), self.ca)
        env = {**os.environ, "HOME": self.profile, "MOZ_CRASHREPORTER_DISABLE": "1"}
        env.update({"DISPLAY": self.display} if self.display else {"MOZ_HEADLESS": "1"})
        await self._spawn([self.binary, *([] if self.display else ["--headless"]), "--no-remote", "--profile", self.profile,
                           "--remote-debugging-port=0", "about:blank"], env=env, log=self.log)
        self.origin = BlankOrigin()
        self.blank = await self.origin.start()
        try:
            url = await self._endpoint(40)
            self.ws = await websockets.connect(url + "/session", max_size=1 << 28, proxy=None)
            self.pump = asyncio.create_task(self._pump())
            r = await self.bidi("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self.version = r["capabilities"]
            await self.bidi("session.subscribe", events=["log.entryAdded"])
            await self.bidi("script.addPreloadScript", functionDeclaration="()=>{%s}" % PAGE_JS)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _endpoint(self, timeout):
        end = asyncio.get_running_loop().time() + timeout
        while asyncio.get_running_loop().time() < end:
            for line in self.log_path.read_text(errors="replace").splitlines():
                if "WebDriver BiDi listening on " in line:
                    return line.split("listening on ")[1].strip()
            if self.proc.returncode is not None:
                break
            await asyncio.sleep(0.1)
        raise BrowserError("firefox did not start: " + self.log_path.read_text(errors="replace")[-500:])

    async def __aexit__(self, *exc):
        if hasattr(self, "ws"):
            try:
                await asyncio.wait_for(self.bidi("browser.close"), 3)
            except Exception:
                pass
            self.pump.cancel()
            await self.ws.close()
        await self._reap()
        self.origin.stop()

    async def _pump(self):
        try:
            async for raw in self.ws:
                msg = json.loads(raw)
                if msg.get("method") == "log.entryAdded" and msg["params"]["level"] == "error":
                    self.errors.append(msg["params"]["text"])
                fut = self.waiting.pop(msg.get("id"), None)
                if fut and not fut.done():
                    fut.set_result(msg)
        finally:
            for fut in self.waiting.values():
                if not fut.done():
                    fut.set_exception(BrowserError("firefox went away"))

    async def bidi(self, method, **params):
        self.ids += 1
        fut = asyncio.get_running_loop().create_future()
        self.waiting[self.ids] = fut
        await self.ws.send(json.dumps({"id": self.ids, "method": method, "params": params}))
        reply = await fut
        if reply.get("type") == "error":
            raise BrowserError("%s: %s" % (method, reply.get("message")))
        return reply["result"]

    async def page(self, url=None, isolated=True) -> FirefoxPage:
        # A window each, since pages in tabs that are not in front are painted seldom, and so are their canvases.
        params = {"type": "window", "background": False}
        if isolated:
            params["userContext"] = (await self.bidi("browser.createUserContext"))["userContext"]
        page = FirefoxPage(self, (await self.bidi("browsingContext.create", **params))["context"])
        await page.goto(url or self.blank)
        return page

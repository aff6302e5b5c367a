"""A client of the calls protocol, written from docs/PROTOCOL.md alone: logs in, joins a channel's call by websocket, negotiates
media over websocket or data channel, mutes, shares, reconnects.

    async with Caller(node.url, "ada", channel, peer) as ada:
        await ada.unmute(tone=440)
        await ada.hear("user_muted", userID=ben.user)
"""
from __future__ import annotations

import asyncio
import json
import struct
import urllib.request
import zlib

import websockets

PREFIX = "custom_com.mattermost.calls_"
LABEL = "calls-dc"
PING, PONG, SDP, LOSS, ROUND_TRIP, JITTER, LOCK, UNLOCK, MEDIA_MAP = range(1, 10)


def pack(value) -> bytes:
    """MessagePack, as much of it as a client sends."""
    if value is None:
        return b"\xc0"
    if isinstance(value, bool):
        return b"\xc3" if value else b"\xc2"
    if isinstance(value, int):
        return bytes([value]) if 0 <= value < 128 else b"\xd3" + struct.pack("!q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack("!d", value)
    if isinstance(value, bytes):
        return b"\xc6" + struct.pack("!I", len(value)) + value
    if isinstance(value, str):
        raw = value.encode()
        return b"\xdb" + struct.pack("!I", len(raw)) + raw
    if isinstance(value, dict):
        return b"\xdf" + struct.pack("!I", len(value)) + b"".join(pack(k) + pack(v) for k, v in value.items())
    raise TypeError(type(value))


def unpack(data: bytes):
    value, rest = _unpack(data)
    assert not rest, rest
    return value


def _unpack(b: bytes):
    t, b = b[0], b[1:]
    if t < 0x80:
        return t, b
    if t < 0x90:
        return _map(t & 15, b)
    if 0xa0 <= t < 0xc0:
        n = t & 31
        return b[:n].decode(), b[n:]
    if t == 0xc0:
        return None, b
    if t in (0xc2, 0xc3):
        return t == 0xc3, b
    for code, form, read in ((0xc4, "!B", bytes), (0xc5, "!H", bytes), (0xc6, "!I", bytes), (0xd9, "!B", bytes.decode), (0xda, "!H", bytes.decode), (0xdb, "!I", bytes.decode)):
        if t == code:
            size = struct.calcsize(form)
            n = struct.unpack(form, b[:size])[0]
            return read(b[size:size + n]), b[size + n:]
    for code, form in ((0xca, "!f"), (0xcb, "!d"), (0xcc, "!B"), (0xcd, "!H"), (0xce, "!I"), (0xcf, "!Q"), (0xd0, "!b"), (0xd1, "!h"), (0xd2, "!i"), (0xd3, "!q")):
        if t == code:
            size = struct.calcsize(form)
            return struct.unpack(form, b[:size])[0], b[size:]
    for code, form in ((0xde, "!H"), (0xdf, "!I")):
        if t == code:
            size = struct.calcsize(form)
            return _map(struct.unpack(form, b[:size])[0], b[size:])
    raise ValueError("type %02x" % t)


def _map(count: int, b: bytes):
    out = {}
    for _ in range(count):
        key, b = _unpack(b)
        out[key], b = _unpack(b)
    return out, b


def request(url: str, path: str, token: str | None = None, body=None, method: str | None = None):
    """Status, headers and JSON (or text) of an answer."""
    data = None if body is None else json.dumps(body).encode()
    ask = urllib.request.Request(url + path, data=data, method=method or ("GET" if data is None else "POST"))
    if data is not None:
        ask.add_header("Content-Type", "application/json")
    if token:
        ask.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(ask, timeout=10) as answer:
            status, headers, text = answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as e:
        status, headers, text = e.code, e.headers, e.read().decode()
    try:
        return status, headers, json.loads(text)
    except ValueError:
        return status, headers, text


async def ask(url: str, path: str, token: str | None = None, body=None, method: str | None = None):
    return await asyncio.to_thread(request, url, path, token, body, method)


class Caller:
    """peer: whose media it speaks for. over_channel: descriptions of media go over the data channel once it is open."""

    def __init__(self, url: str, name: str, channel: str, peer, edit=lambda sdp: sdp, over_channel=False, av1=False, join=None):
        self.url, self.name, self.channel, self.peer, self.edit = url, name, channel, peer, edit
        self.over_channel, self.av1, self.wish = over_channel, av1, join or {}
        self.events: list[dict] = []           # all events, oldest first
        self.answers: asyncio.Queue = asyncio.Queue()
        self.locks: asyncio.Queue = asyncio.Queue()
        self.tracks: dict[str, dict] = {}      # the media map
        self.maps_late = 0                     # offers whose tracks the map did not hold yet
        self.pongs = 0
        self.rounds = 0
        self.turn = asyncio.Lock()
        self.tasks: set[asyncio.Task] = set()
        self.seq = 0                           # of our next message
        self.next = 0                          # of the server's next event
        self.connection = None                 # the present connection's id
        self.original = None                   # the first one's: the session
        self.sent: list[str] = []              # kinds of media sent so far

    # ---- coming and going
    async def __aenter__(self) -> "Caller":
        status, headers, me = await ask(self.url, "/api/v4/users/login", body={"login_id": self.name, "password": "x"})
        assert status == 200, (status, me)
        self.token, self.user = headers["Token"], me["id"]
        await self.connect()
        self.original = self.connection
        if self.peer:
            await self.join()
        return self

    async def __aexit__(self, kind, *_):
        for task in list(self.tasks):
            if task.done() and kind is None and not task.cancelled() and task.exception():
                raise task.exception()
            task.cancel()
        await self.socket.close()

    async def connect(self, resume=False):
        """resume: asks for the events missed since, under the same id."""
        query = "?connection_id=%s&sequence_number=%d" % (self.connection, self.next) if resume else "?connection_id=&sequence_number=0"
        address = self.url.replace("http", "ws", 1) + "/api/v4/websocket" + query
        self.socket = await websockets.connect(address, max_size=1 << 22, proxy=None, additional_headers={"Authorization": "Bearer " + self.token})
        while True:                            # what was missed comes before hello
            message = json.loads(await asyncio.wait_for(self.socket.recv(), 10))
            if message["event"] == "hello":
                break
            self._count(message)
            self._take(message)
        self.resumed = message["data"]["connection_id"] == self.connection
        if not self.resumed:
            self.next = 0
        self.connection = message["data"]["connection_id"]
        self._count(message)
        self._start(self._read(self.socket))

    async def join(self):
        await self.say("join", {"channelID": self.channel, "dcSignaling": self.over_channel, "av1Support": self.av1, **self.wish})
        await self.hear("join", connID=self.connection)
        await self.peer.channel(LABEL)
        await self.offer()
        self._start(self._follow_channel())

    async def leave(self):
        await self.say("leave")

    async def cut(self):
        """The websocket is gone without a word."""
        self.socket.transport.abort()
        await asyncio.sleep(0.05)

    async def come_back(self, resume=False):
        previous = self.connection
        await self.connect(resume)
        await self.say("reconnect", {"channelID": self.channel, "originalConnID": self.original, "prevConnID": previous})

    def _start(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)

    # ---- the websocket
    async def say(self, type: str, data=None, raw=False):
        self.seq += 1
        action = type if raw else PREFIX + type
        await self.socket.send(json.dumps({"action": action, "seq": self.seq, "data": data or {}}))

    async def _send_description(self, kind: str, sdp: str):
        packed = zlib.compress(json.dumps({"type": kind, "sdp": sdp}).encode())
        if self.over_channel and self.sent:
            await self.peer.send_bytes(LABEL, bytes([SDP]) + pack(packed))
            return
        self.seq += 1
        await self.socket.send(pack({"action": PREFIX + "sdp", "seq": self.seq, "data": {"data": packed}}))

    def _count(self, event):
        assert event["seq"] == self.next, "event %d came where %d was due: %s" % (event["seq"], self.next, event)
        self.next += 1

    async def _read(self, socket):
        try:
            async for text in socket:
                message = json.loads(text)
                if "event" not in message:
                    self.events.append(message)
                    continue
                self._count(message)
                self._take(message)
        except websockets.ConnectionClosed:
            pass

    def _take(self, message):
        message["name"] = message["event"].removeprefix(PREFIX)
        self.events.append(message)
        if message["name"] != "signal":
            return
        if message["data"]["connID"] not in (self.original, self.connection):
            return
        self._signal(json.loads(message["data"]["data"]))

    def _signal(self, signal):
        if signal["type"] == "answer":
            self.answers.put_nowait(signal["sdp"])
        elif signal["type"] == "offer":
            self._start(self._answer(signal["sdp"]))

    async def _answer(self, sdp):
        async with self.turn:
            sections = [s for s in sdp.split("\r\nm=")[1:] if not s.startswith("application") and "a=sendonly" in s]
            mids = [line[6:] for s in sections for line in s.split("\r\n") if line.startswith("a=mid:")]
            if any(mid not in self.tracks for mid in mids):
                await self._drain_channel()    # it may have come since we last looked
            self.maps_late += any(mid not in self.tracks for mid in mids)
            answer = await self.peer.answer(self.edit(sdp))
            self.rounds += 1
            await self._send_description("answer", answer)

    async def offer(self, **opts):
        async with self.turn:
            await self._send_description("offer", await self.peer.offer(**opts))
            await self.peer.accept(self.edit(await asyncio.wait_for(self.answers.get(), 10)))
        self.sent.append("offer")

    async def hear(self, name: str, timeout: float = 10, after: int = 0, **members) -> dict:
        """Waits until such an event has come (among those from `after` on), and gives its data."""
        end = asyncio.get_running_loop().time() + timeout
        while True:
            for event in self.events[after:]:
                data = event.get("data") or {}
                if event.get("name") == name and all(data.get(k) == v for k, v in members.items()):
                    return data
            if asyncio.get_running_loop().time() > end:
                recent = [(e.get("name"), e.get("data", e)) for e in self.events[-8:] if e.get("name") != "signal"]
                raise TimeoutError("%s never heard %s %s, but %s" % (self.name, name, members, recent))
            await asyncio.sleep(0.02)

    def heard(self, name: str) -> list[dict]:
        return [e.get("data") or {} for e in self.events if e.get("name") == name]

    async def state(self) -> dict:
        """The call as the server says it stands."""
        mark = len(self.events)
        await self.say("call_state", {"channelID": self.channel})
        return json.loads((await self.hear("call_state", after=mark))["call"])

    # ---- the data channel
    async def _follow_channel(self):
        beat = 0
        while True:
            await self._drain_channel()
            beat += 1
            if beat % 20 == 0 and "offer" in self.sent:
                try:
                    await self.peer.send_bytes(LABEL, bytes([PING]))
                except Exception:
                    pass                       # not open yet
            await asyncio.sleep(0.05)

    async def _drain_channel(self):
        for label, text in await self.peer.messages():
            if label == LABEL and text.startswith("hex:"):
                self._take_channel(bytes.fromhex(text[4:]))

    def _take_channel(self, message: bytes):
        kind, payload = message[0], unpack(message[1:]) if len(message) > 1 else None
        if kind == PONG:
            self.pongs += 1
        elif kind == SDP:
            self._signal(json.loads(zlib.decompress(payload)))
        elif kind == LOCK:
            self.locks.put_nowait(payload)
        elif kind == MEDIA_MAP:
            self.tracks = payload

    async def negotiate(self):
        """A change of ours, under the lock."""
        for _ in range(50):
            await self.peer.send_bytes(LABEL, bytes([LOCK]))
            if await asyncio.wait_for(self.locks.get(), 5):
                break
            await asyncio.sleep(0.1)
        else:
            raise RuntimeError("the lock was never ours")
        try:
            await self.offer()
        finally:
            await self.peer.send_bytes(LABEL, bytes([UNLOCK]))

    async def ready(self):
        """Until the data channel answers."""
        for _ in range(200):
            if self.pongs:
                return
            await asyncio.sleep(0.05)
        raise TimeoutError("%s: the data channel never answered" % self.name)

    # ---- what people do
    async def unmute(self, **media):
        if media:
            await self.peer.media(**media)
            await self.negotiate()
        await self.say("unmute")

    async def mute(self):
        await self.say("mute")

    async def share(self, **media):
        """Tells of the screen before its track is added, as web clients do."""
        await self.peer.media(**media)
        stream = (await self.peer.streams())[-1]
        await self.say("screen_on", {"data": json.dumps({"screenStreamID": stream})})
        await self.negotiate()

    async def show_camera(self, **media):
        """Tells of the camera after its track is added, as web clients do."""
        await self.peer.media(**media)
        stream = (await self.peer.streams())[-1]
        await self.negotiate()
        await self.say("video_on", {"data": json.dumps({"videoStreamID": stream})})

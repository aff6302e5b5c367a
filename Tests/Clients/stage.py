"""What scenarios are made of: a node with browsers and guests that all end with the test, and questions about what guests
hear and see, whose complaint says what they heard and saw instead.

    async with Stage() as stage:
        chromium = await stage.chromium()
        one, two = await stage.guests(chromium, {"tone": 440, "canvas": RED}, {"tone": 880, "canvas": BLUE})
        await hears(two, 440); await sees(two, RED)
"""
from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time

from aiortc_client import Peer as AioPeer
from browser import Chromium, Firefox
from door import Guest
from impair import udp_link
from node import Node, own_address

# How many times longer than usual everything may take; the machine has other work beside `make test`.
PATIENCE = float(os.environ.get("ROOST_PATIENCE", "1"))
RED, BLUE = {"color": "#c02020"}, {"color": "#2020c0"}


class Seat:
    """A guest at the door with the peer whose media it speaks for."""

    def __init__(self, peer, guest: Guest, link=None):
        self.peer, self.guest, self.link = peer, guest, link


class Stage(contextlib.AsyncExitStack):
    """node: what Node takes."""

    def __init__(self, **node):
        super().__init__()
        self.node = Node(**node)

    async def __aenter__(self) -> "Stage":
        await super().__aenter__()
        await self.enter_async_context(self.node)
        return self

    async def chromium(self, **options) -> Chromium:
        return await self.enter_async_context(Chromium(**options))

    async def firefox(self, **options) -> Firefox:
        return await self.enter_async_context(Firefox(**options))

    async def link(self, seed: int, family: str = "4"):
        """A network that can be made bad, in front of the node's UDP port."""
        host = own_address()
        link = await udp_link(host + ":0", "%s:%d" % (host, self.node.media_port), seed)
        self.callback(link.close)
        return link

    async def guest(self, client, call: str = "owls", link=None, edit=None, config=None, channel=None, before=None, publish=True, **media) -> Seat:
        """client: a browser, or None for aiortc. media: what the peer sends, none if empty. link: the only way to the node.
        channel: the label of a data channel. before(guest): what is said ahead of the first offer."""
        if client is None:
            peer = AioPeer()
        else:
            page = await client.page()
            peer = await page.rtc_make("p", config or {})
        self.push_async_callback(self._end, peer)
        if media:
            await peer.media(**media)
        if channel:
            await peer.channel(channel)
        guest = Guest(self.node.url, call, peer, edit=edit or (by(link) if link else lambda sdp: sdp))
        await self.enter_async_context(guest)
        if before:
            await before(guest)
        if publish:
            await guest.publish(**({} if media or channel else {"recv": ["audio"]}))
        return Seat(peer, guest, link)

    async def guests(self, client, *medias, **options) -> list[Seat]:
        return [await self.guest(client, **options, **media) for media in medias]

    @staticmethod
    async def _end(peer):
        if isinstance(peer, AioPeer):
            await peer.close()


def by(link):
    """An edit of the node's SDP after which the link is the one candidate."""
    def edit(sdp: str) -> str:
        out, done = [], False
        for line in sdp.splitlines(keepends=True):
            if not line.startswith("a=candidate:"):
                out.append(line)
                done = done and not line.startswith("m=")
            elif not done:
                done = True
                out.append("a=candidate:1 1 udp 2130706431 %s %d typ host\r\n" % link.address)
        return "".join(out)
    return edit


# ------------------------------------------------------------------------------------------ questions

def rgb(canvas) -> tuple:
    return tuple(int(canvas["color"][i:i + 2], 16) for i in (1, 3, 5))


def near(got, want, slack=48) -> bool:
    return got is not None and all(abs(a - b) <= slack for a, b in zip(got, want))


async def until(test, what: str, timeout: float = 20, every: float = 0.2):
    """Waits until the test gives something true, and gives it. every: seconds between two tries."""
    end = time.monotonic() + timeout * PATIENCE
    while True:
        value = await test()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %g s" % (what, timeout * PATIENCE))
        await asyncio.sleep(every)


async def hears(seat: Seat, *hertz: int, timeout: float = 20):
    """All of these tones, each from somebody else."""
    async def test():
        got = list((await seat.peer.heard()).values())
        return all(any(abs(g - h) < 25 for g in got) for h in hertz)
    try:
        await until(test, "tones of %s Hz" % (hertz,), timeout)
    except TimeoutError as e:
        raise TimeoutError("%s, but %s" % (e, await seat.peer.heard()))


async def hears_nothing(seat: Seat, timeout: float = 10):
    async def test():
        return not any((await seat.peer.heard()).values())
    try:
        await until(test, "silence", timeout)
    except TimeoutError as e:
        raise TimeoutError("%s, but %s" % (e, await seat.peer.heard()))


async def sees(seat: Seat, *canvases, timeout: float = 20):
    async def test():
        got = list((await seat.peer.colours()).values())
        return all(any(near(g, rgb(c)) for g in got) for c in canvases)
    try:
        await until(test, "the colours %s" % [c["color"] for c in canvases], timeout)
    except TimeoutError as e:
        raise TimeoutError("%s, but %s; %s" % (e, await seat.peer.colours(), await seat.peer.summary()))


def pictures(summary: dict) -> list[dict]:
    return [i for i in summary["inbound"] if i["kind"] == "video"]


def total(streams, name) -> float:
    return sum(s.get(name) or 0 for s in streams)


class TooBusy(Exception):
    """The machine had too little time for the clients themselves, so that nothing can be said of the node."""


class Meter:
    """What came through between two moments, of all that a viewer is sent, beside what its one sender made."""

    def __init__(self, sender: Seat, viewer: Seat):
        self.sender, self.viewer = sender, viewer

    async def _read(self):
        made, got = await asyncio.gather(self.sender.peer.summary(), self.viewer.peer.summary())
        out = [s for s in made["outbound"] if s["kind"] == "video"]
        self.last = got
        return {"made": total(out, "sent"), "frames": total(pictures(got), "frames"), "freezes": total(pictures(got), "freezes"),
                "frozen": total(pictures(got), "frozen"), "nacks": total(pictures(got), "nack"), "plis": total(pictures(got), "pli"),
                "asked": total(out, "nack"), "at": time.monotonic()}

    async def run(self, seconds: float) -> dict:
        """Firefox counts anew when a description changes what it receives, so the steps are summed, and a counter that has
        fallen, or is gone for a moment, began again at nothing."""
        last = await self._read()
        d = dict.fromkeys(last, 0)
        began = last["at"]
        while d["at"] < seconds:
            await asyncio.sleep(min(0.1, seconds))
            now = await self._read()
            for k in d:
                d[k] += now[k] - last[k] if now[k] >= last[k] else now[k]
            d["at"], last = now["at"] - began, now
        took = d.pop("at")
        if d["made"] < 8 * took:
            raise TooBusy("a sender of 15 frames a second made %d in %.1f s" % (d["made"], took))
        return {**d, "fps": round(d["frames"] / took, 1), "share": d["frames"] / max(1, d["made"])}


async def gap(count, act, most: float) -> float:
    """Seconds from an act until a counter, asked at once and then again and again, has risen by five since."""
    began = time.monotonic()
    await act()
    start = await count()
    await until(lambda: _risen(count, start + 5), "media after the change", most, 0.05)
    return time.monotonic() - began


async def _risen(count, to):
    return await count() >= to


def frames_of(seat: Seat):
    async def count():
        return total(pictures(await seat.peer.summary()), "frames")
    return count


def only(pattern: str):
    """An edit that keeps the candidates in which the pattern is found."""
    return lambda sdp: "".join(
        l for l in sdp.splitlines(keepends=True) if not l.startswith("a=candidate:") or re.search(pattern, l, re.I))

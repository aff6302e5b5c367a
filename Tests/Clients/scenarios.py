"""What real clients must be able to do through a node, each scenario a sentence.

    python3 scenarios.py [part of a name ...]      # ends with "N passed, N failed"

Needs a built roost (ROOST_BINARY, else .build/release/roost), Chromium, Firefox, coturn and requirements.txt.
"""
from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import sys
import time
import traceback

from aiortc_client import Peer as AioPeer
from browser import Chromium, Firefox
from door import Guest
from impair import udp_link
from node import Node, free_port, own_address
from signaling import audio_flows, edit_candidates, inbound, video_flows
import socket

SCENARIOS = []
RED, BLUE = {"color": "#c02020"}, {"color": "#2020c0"}


def scenario(f):
    SCENARIOS.append(f)
    return f


def near(rgb, want, slack=48) -> bool:
    return rgb is not None and all(abs(a - b) <= slack for a, b in zip(rgb, want))


async def until(test, what: str, timeout: float = 20, every: float = 0.3):
    """Waits for a condition; its last value is in the complaint."""
    end = time.monotonic() + timeout
    while True:
        value = await test()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %g s" % (what, timeout))
        await asyncio.sleep(every)


async def hears(peer, hertz: int):
    async def test():
        return any(abs(h - hertz) < 25 for h in (await peer.heard()).values())
    try:
        await until(test, "a tone of %d Hz" % hertz)
    except TimeoutError as e:
        raise TimeoutError("%s, but %s" % (e, await peer.heard()))


async def sees(peer, rgb):
    async def test():
        return any(near(c, rgb) for c in (await peer.colours()).values())
    try:
        await until(test, "the colour %s" % (rgb,))
    except TimeoutError as e:
        raise TimeoutError("%s, but %s" % (e, await peer.colours()))


async def pair(node, one, other, one_media, other_media, edit=lambda s: s):
    """Two browser pages in one call, each sending. Returns (peer, guest) of both."""
    out = []
    for browser, media in ((one, one_media), (other, other_media)):
        page = await browser.page()
        peer = await page.rtc_make("p", {})
        await peer.media(**media)
        guest = Guest(node.url, "owls", peer, edit=edit)
        await guest.__aenter__()
        await guest.publish()
        out.append((peer, guest))
    return out


async def talk(node, one, other, edit=lambda s: s):
    (a, ga), (b, gb) = await pair(node, one, other, {"tone": 440, "canvas": RED}, {"tone": 880, "canvas": BLUE}, edit)
    for peer, guest in ((a, ga), (b, gb)):
        await guest.hear("connected")
        await peer.wait(video_flows(30))
    await hears(a, 880)
    await hears(b, 440)
    await sees(a, (0x20, 0x20, 0xC0))
    await sees(b, (0xC0, 0x20, 0x20))
    before = await a.summary()
    await asyncio.sleep(3)
    after = await a.summary()
    frames = sum(i["frames"] for i in inbound(after, "video")) - sum(i["frames"] for i in inbound(before, "video"))
    assert frames >= 36, "%d frames in 3 s of 15 fps" % frames
    assert after["srtp"] in ("SRTP_AEAD_AES_128_GCM", "AEAD_AES_128_GCM", None), after["srtp"]
    for _, guest in ((a, ga), (b, gb)):
        await guest.__aexit__()
    return after


@scenario
async def chromium_and_chromium_hear_and_see_each_other():
    async with Node() as node, Chromium() as c:
        await talk(node, c, c)


@scenario
async def firefox_and_chromium_hear_and_see_each_other():
    async with Node() as node, Chromium() as c, Firefox() as f:
        await talk(node, f, c)


@scenario
async def firefox_and_firefox_hear_and_see_each_other():
    async with Node() as node, Firefox() as f:
        await talk(node, f, f)


@scenario
async def aiortc_exchanges_media_with_chromium_and_firefox():
    async with Node() as node, Chromium() as c, Firefox() as f:
        for browser in (c, f):
            page = await browser.page()
            peer = await page.rtc_make("p", {})
            await peer.media(tone=440, canvas=RED)
            other = AioPeer()
            other.media(video={"width": 320, "height": 180, "frameRate": 15}, colour=(32, 32, 192))
            call = "aio-%s" % type(browser).__name__.lower()
            async with Guest(node.url, call, peer) as one, Guest(node.url, call, other) as two:
                await one.publish()
                await two.publish()
                await peer.wait(video_flows(20))
                await other.wait(video_flows(20))
                await peer.wait(audio_flows(50))
                await other.wait(audio_flows(50))
                await sees(peer, (32, 32, 192))
                assert near(other.colour(), (0xC0, 0x20, 0x20)), other.colour()
            await other.close()


@scenario
async def media_flows_over_tcp_alone():
    async with Node() as node, Chromium() as c, Firefox() as f:
        after = await talk(node, c, f, edit=lambda s: edit_candidates(s, lambda l: " tcp " in l.lower()))
        assert "/tcp" in after["pair"]["remote"], after["pair"]


@scenario
async def media_flows_over_ipv6_alone():
    v6 = r" (?:[0-9a-f]*:){2,}[0-9a-f]* "
    async with Node(media={"enable_ipv6": True}) as node, Chromium() as c:
        after = await talk(node, c, c, edit=lambda s: edit_candidates(s, lambda l: re.search(v6, l) is not None and " udp " in l.lower()))
        assert ":" in after["pair"]["remote"].split(" ")[1].rsplit(":", 1)[0], after["pair"]


async def main(words):
    wanted = [f for f in SCENARIOS if not words or any(w in f.__name__ for w in words)]
    failed = 0
    for f in wanted:
        began = time.monotonic()
        try:
            await asyncio.wait_for(f(), 180)
            verdict = "ok  "
        except Exception:
            traceback.print_exc()
            verdict, failed = "FAIL", failed + 1
        print("%s %s (%.1f s)" % (verdict, f.__name__.replace("_", " "), time.monotonic() - began), flush=True)
    print("%d passed, %d failed" % (len(wanted) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

"""Scenarios with gstreamer_peer.py: one more WebRTC stack, with an ICE, SRTP and SCTP that no browser has."""
from __future__ import annotations

import asyncio
import itertools
import json
from pathlib import Path

from caller import Caller
from door import Guest
from meetings import CHANNEL, Meeting, talk
from stage import BLUE, RED, Seat, Stage, by, frames_of, hears, hears_nothing, only, sees, until
from talking import exchange

PROGRAM = Path(__file__).resolve().parent / "gstreamer_peer.py"
GROUP = "install the group gstreamers of cluster/packages.txt"


class Peer:
    """Orders to one such program, under the names by which a page or aiortc is asked for the same."""

    @classmethod
    async def start(cls, stage: Stage) -> "Peer":
        self = cls()
        pipe = asyncio.subprocess.PIPE
        # Debian's own Python, which has the bindings.
        self.program = await asyncio.create_subprocess_exec("/usr/bin/python3", str(PROGRAM), stdin=pipe, stdout=pipe)
        self.numbers, self.turn = itertools.count(), asyncio.Lock()
        stage.push_async_callback(self.close)
        return self

    async def order(self, verb: str, **words):
        async with self.turn:
            number = next(self.numbers)
            self.program.stdin.write((json.dumps({"id": number, "do": verb, **words}) + "\n").encode())
            line = await asyncio.wait_for(self.program.stdout.readline(), 60)
        assert line, "the program of GStreamer has ended; " + GROUP
        answer = json.loads(line)
        assert answer["id"] == number, answer
        if "fault" in answer:
            raise RuntimeError("%s: %s" % (verb, answer["fault"]))
        return answer["is"]

    async def close(self):
        if self.program.returncode is None:
            self.program.stdin.close()
            try:
                await asyncio.wait_for(self.program.wait(), 5)
            except asyncio.TimeoutError:
                self.program.kill()
                await self.program.wait()

    async def media(self, tone=None, canvas=None, codec="VP8"):
        await self.order("media", tone=tone, color=canvas and canvas["color"], codec=codec)

    async def offer(self, recv=(), **_):
        return await self.order("offer", recv=list(recv))

    async def accept(self, sdp):
        await self.order("accept", sdp=sdp)

    async def answer(self, sdp, **_):
        return await self.order("answer", sdp=sdp)

    async def channel(self, label):
        await self.order("channel", label=label)

    async def _opened(self, label):
        await until(lambda: self.order("is_open", label=label), "an open channel", 10)

    async def send(self, label, text):
        await self._opened(label)
        await self.order("send", label=label, text=text)

    async def send_bytes(self, label, data: bytes):
        await self._opened(label)
        await self.order("send", label=label, hex=data.hex())

    async def messages(self):
        return await self.order("messages")

    async def summary(self) -> dict:
        return await self.order("state")

    async def heard(self) -> dict:
        return dict(enumerate((await self.summary())["hertz"]))

    async def colours(self) -> dict:
        return dict(enumerate((await self.summary())["colours"]))


async def seat(stage: Stage, call: str = "owls", channel=None, edit=lambda sdp: sdp, **media) -> Seat:
    peer = await Peer.start(stage)
    if media:
        await peer.media(**media)
    if channel:
        await peer.channel(channel)
    guest = await stage.enter_async_context(Guest(stage.node.url, call, peer, edit=edit))
    await guest.publish(**({} if media or channel else {"recv": ["audio"]}))
    return Seat(peer, guest)


async def gstreamer_and_browsers_hear_and_see_each_other():
    async with Stage() as stage:
        for browser, call in ((await stage.chromium(), "owls"), (await stage.firefox(), "larks")):
            a = await stage.guest(browser, call, tone=440, canvas=RED)
            b = await seat(stage, call, tone=880, canvas=BLUE)
            await asyncio.gather(hears(a, 880), hears(b, 440), sees(a, BLUE), sees(b, RED))


async def gstreamers_hear_and_see_each_other_and_who_comes_late():
    green = {"color": "#20c020"}
    async with Stage() as stage:
        a = await seat(stage, tone=440, canvas=RED)
        b = await seat(stage, tone=880, canvas=BLUE)
        await asyncio.gather(hears(a, 880), hears(b, 440), sees(a, BLUE), sees(b, RED))
        c = await seat(stage, tone=620, canvas=green)
        await asyncio.gather(hears(c, 440, 880), sees(c, RED, BLUE), hears(a, 620), hears(b, 620), sees(b, green))


async def messages_of_gstreamer_go_both_ways_on_a_data_channel():
    async with Stage() as stage:
        await exchange(await seat(stage, channel="owls"))


async def gstreamer_talks_over_tcp_alone():
    async with Stage() as stage:
        a = await seat(stage, tone=440, canvas=RED, edit=only(" tcp "))
        b = await seat(stage, tone=880, canvas=BLUE)
        await asyncio.gather(hears(a, 880), hears(b, 440), sees(a, BLUE), sees(b, RED))


async def gstreamer_shows_vp9_through_a_network_that_loses_a_tenth():
    async with Stage() as stage:
        link = await stage.link(seed=7)
        a = await seat(stage, tone=440, canvas=RED, codec="VP9", edit=by(link))
        b = await stage.guest(await stage.chromium(), tone=880, canvas=BLUE)
        await asyncio.gather(hears(a, 880), hears(b, 440), sees(b, RED), sees(a, BLUE))
        link.up.set(loss=10)
        link.down.set(loss=10)
        await asyncio.sleep(3)
        before = await frames_of(b)()
        await asyncio.sleep(4)
        shown = await frames_of(b)() - before
        assert shown > 40, "%d pictures of 60" % shown
        await asyncio.gather(hears(a, 880), hears(b, 440), sees(b, RED), sees(a, BLUE))
        return {"pictures": "%d of 60" % shown}


async def gstreamer_and_a_browser_call_each_other_by_the_calls_protocol():
    async with Meeting() as stage:
        peer = await Peer.start(stage)
        ada = await stage.enter_async_context(Caller(stage.node.url, "ada", CHANNEL, peer, over_channel=True))
        await ada.ready()
        ben = await stage.come(await stage.chromium(), "ben")
        await talk(stage, ada, ben)
        await ada.mute()
        await ben.hear("user_muted", userID=ada.user)
        await hears_nothing(ben)


SCENARIOS = [
    gstreamer_and_browsers_hear_and_see_each_other,
    gstreamers_hear_and_see_each_other_and_who_comes_late,
    messages_of_gstreamer_go_both_ways_on_a_data_channel,
    gstreamer_talks_over_tcp_alone,
    gstreamer_and_a_browser_call_each_other_by_the_calls_protocol,
    gstreamer_shows_vp9_through_a_network_that_loses_a_tenth,
]

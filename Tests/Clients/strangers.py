"""Scenarios of those who mean no call: what they send changes nothing for people who talk, and is not answered."""
from __future__ import annotations

import asyncio
import os
import re
import socket
import struct
import threading
import time
import zlib

import aioice.stun as stun
from OpenSSL import SSL

from door import Guest
from drain_client import Drain
from node import Node, own_address
from stage import BLUE, RED, Meter, Stage, hears, sees


def hello() -> bytes:
    """The first flight of a DTLS client."""
    context = SSL.Context(SSL.DTLS_METHOD)
    context.set_verify(SSL.VERIFY_NONE, lambda *_: True)
    client = SSL.Connection(context, None)
    client.set_connect_state()
    try:
        client.do_handshake()
    except SSL.WantReadError:
        pass
    return client.bio_read(4096)


def check(ufrag: str, password: str) -> bytes:
    """A connectivity check that nominates."""
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = ufrag + ":them"
    message.attributes["PRIORITY"] = 1853824767
    message.attributes["ICE-CONTROLLING"] = 1
    message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    return bytes(message)


def attribute(sdp: str, name: str) -> str:
    return re.search(r"^a=%s:(\S+)" % name, sdp, re.M)[1]


class Flood(threading.Thread):
    """Sends datagrams as fast as it can, and counts what comes back."""

    def __init__(self, target, kinds: list[bytes], seconds: float):
        super().__init__()
        self.kinds, self.seconds, self.sent, self.sent_bytes, self.back = kinds, seconds, 0, 0, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((own_address(), 0))
        self.socket.connect(target)
        self.socket.setblocking(False)

    def run(self):
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            for _ in range(20):
                for kind in self.kinds:
                    try:
                        self.sent_bytes += self.socket.send(kind)
                        self.sent += 1
                    except BlockingIOError:
                        pass
                try:
                    self.back += len(self.socket.recv(4096))
                except BlockingIOError:
                    pass
        self.socket.close()


async def a_flood_of_strangers_changes_nothing_for_others():
    viewers, pps = 10, 167
    async with Node() as node, Drain(viewers + 1) as drain:
        guests = [Guest(node.url, "owls", drain[0].video(ssrc=11111111, pps=pps))]
        await guests[0].__aenter__()
        await guests[0].publish()
        await guests[0].hear("connected")
        for peer in drain[1:]:
            guests.append(Guest(node.url, "owls", peer))
            await guests[-1].__aenter__()
            await guests[-1].say("ready")
        for _ in range(100):
            s = await drain.stats()
            if s["up"] == viewers + 1 and s["min_packets"] > 0:
                break
            await asyncio.sleep(0.1)
        # One who knows a name of ours, and no password.
        async with Guest(node.url, "larks", None) as spy:
            named = attribute(await offer(spy, "spy"), "ice-ufrag")
            rtp = struct.pack("!BBHII", 0x90, 96, 1, 2, 11111111) + os.urandom(200)
            kinds = [check("nobodynobodynobo", "x" * 24), check(named, "y" * 24), hello(), rtp,
                     os.urandom(300), b"\x16\xfe\xfd" + os.urandom(60), b"\x00\x01\x00\x40" + os.urandom(80)]
            figures = {}
            await drain.command("reset")
            before, idle = await drain.stats(), node.resident_kib()
            cpu, began = node.cpu_seconds(), time.monotonic()
            await asyncio.sleep(3)
            usual = (node.cpu_seconds() - cpu) / 3
            # The history of what is shown fills for a while after somebody has begun to.
            filling = (node.resident_kib() - idle) / 3
            flood = Flood((own_address(), node.media_port), kinds, 4)
            cpu = node.cpu_seconds()
            flood.start()
            while flood.is_alive():
                await asyncio.sleep(0.1)
            cost = node.cpu_seconds() - cpu - usual * 4
            await asyncio.sleep(0.5)
            after = await drain.stats()
            took = time.monotonic() - began
            figures.update(datagrams=flood.sent, us_each=round(cost / flood.sent * 1e6, 2), lost=after["lost"],
                           packets=after["packets"] - before["packets"], grown_kib=round(node.resident_kib() - idle - filling * took),
                           **await node.figures("checks_refused", "datagrams_alien", "datagrams_from_nowhere"))
        for guest in guests:
            await guest.__aexit__(None, None, None)
        assert flood.sent > 20_000, figures
        assert flood.back == 0, "%d bytes were answered" % flood.back
        assert figures["packets"] > 0.95 * viewers * pps * took, figures
        assert after["lost"] == 0, figures
        assert figures["grown_kib"] < 1_000, figures
        refused = figures["checks_refused"] + figures["datagrams_alien"] + figures["datagrams_from_nowhere"]
        assert refused > 0.5 * flood.sent, figures
        return figures


async def offer(guest: Guest, name: str) -> str:
    """Offers a data channel in the name of nobody who exists; returns the answer."""
    fingerprint = ":".join("%02X" % (zlib.crc32(name.encode()) >> s & 255) for s in (24, 16, 8, 0) * 8)
    await guest.say("offer", sdp="\r\n".join([
        "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0", "a=ice-ufrag:them", "a=ice-pwd:" + "p" * 24, "a=fingerprint:sha-256 " + fingerprint, "a=setup:active",
        "a=mid:0", "a=sctp-port:5000", ""]))
    return await guest.answers.get()


async def half_open_handshakes_are_small_and_expire():
    count = 1_000
    async with Node() as node:
        target = (own_address(), node.media_port)
        idle, guests, sockets = node.resident_kib(), [], []
        for i in range(count):
            guest = Guest(node.url, "call%d" % (i // 100), None)
            await guest.__aenter__()
            guests.append(guest)
            sdp = await offer(guest, str(i))
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.bind((own_address(), 0))
            s.setblocking(False)
            s.sendto(check(attribute(sdp, "ice-ufrag"), attribute(sdp, "ice-pwd")), target)
            sockets.append(s)
        await asyncio.sleep(1)
        first = hello()
        for s in sockets:
            s.sendto(first, target)
        await asyncio.sleep(2)
        grown = (node.resident_kib() - idle) / count
        answered = sum(1 for s in sockets if received(s) > 200)
        # Somebody with good intentions comes in meanwhile.
        async with Drain(1) as drain:
            began = time.monotonic()
            async with Guest(node.url, "owls", drain[0].video(ssrc=1)) as newcomer:
                await newcomer.publish()
                await newcomer.hear("connected")
                came = time.monotonic() - began
        began = time.monotonic()
        while not all(any(m["type"] in ("over", "ended") for m in g.heard) for g in guests):
            await asyncio.sleep(0.5)
            assert time.monotonic() - began < 60, "some are still waited for"
        gone = time.monotonic() - began
        for guest in guests:
            await guest.__aexit__(None, None, None)
        for s in sockets:
            s.close()
        figures = {"kib_each": round(grown, 1), "answered": answered, "newcomer_in": round(came, 2), "gone_after": round(gone, 1)}
        assert answered > 0.95 * count, figures
        assert grown < 200, figures
        assert came < 2, figures
        return figures


def received(s: socket.socket) -> int:
    total = 0
    try:
        while True:
            total += len(s.recv(4096))
    except BlockingIOError:
        return total


async def forged_and_replayed_datagrams_change_nothing():
    """Somebody on everybody's path says altered and old datagrams in their names, both ways, from the first check on."""
    tones, canvases = [440, 620, 880], [RED, BLUE, {"color": "#20c020"}]
    async with Stage() as stage:
        clients = [await stage.chromium(), await stage.firefox(), None]
        seats = []
        for seed, (client, tone, canvas) in enumerate(zip(clients, tones, canvases)):
            link = await stage.link(seed)
            link.up.set(forge=50)
            # What comes to clients is their own affair: only as much as each of these stacks survives.
            link.down.set(forge=5, only="rtp,rtcp")
            seats.append(await stage.guest(client, link=link, tone=tone, canvas=canvas))
        for index, seat in enumerate(seats):
            others = [i for i in range(3) if i != index]
            await asyncio.gather(hears(seat, *(tones[i] for i in others)), sees(seat, *(canvases[i] for i in others)))
        figures = await Meter(seats[0], seats[1]).run(5)
        forged = sum(seat.link.up.count["forged"] for seat in seats)
        assert forged > 200, forged
        states = [(await s.peer.summary())["connectionState"] for s in seats]
        assert states == ["connected"] * 3, states
        return {"forged": forged, "fps": figures["fps"]}


SCENARIOS = [
    forged_and_replayed_datagrams_change_nothing,
    a_flood_of_strangers_changes_nothing_for_others,
    half_open_handshakes_are_small_and_expire,
]

"""Scenarios of networks that let little through, change, or lose."""
from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import random
import shutil
import tempfile
import time

from node import free_port, own_address
from stage import BLUE, RED, Meter, Stage, frames_of, gap, hears, only, pictures, sees
from talking import talk

V6 = r" (?:[0-9a-f]*:){2,}[0-9a-f]* "


async def media_flows_over_tcp_alone(**media):
    async with Stage(media=media) as stage:
        figures = await talk(stage, await stage.chromium(), await stage.firefox(), edit=only(" tcp "))
        assert "/tcp" in figures["pair"], figures
        return figures


async def media_flows_over_tcp_alone_between_two_threads():
    return await media_flows_over_tcp_alone(threads=2, spread_from=0)


async def media_flows_over_ipv6_alone():
    async with Stage(media={"enable_ipv6": True}) as stage:
        chromium = await stage.chromium()
        figures = await talk(stage, chromium, chromium, edit=only("udp .*" + V6))
        assert ":" in figures["pair"].split(" ")[1].rsplit(":", 1)[0], figures
        return figures


class Turn:
    """A TURN server of our own on a free port, with a password that only this test knows."""

    async def __aenter__(self) -> "Turn":
        self.folder = tempfile.mkdtemp(prefix="coturn-")
        self.host, self.port = own_address(), free_port(host=own_address())
        secret, low = "owls-at-night", random.randrange(40_000, 60_000, 100)
        argv = ["turnserver", "-n", "-L", self.host, "-E", self.host, "-p", str(self.port), "--use-auth-secret", "--static-auth-secret", secret,
                "-r", "test", "--no-cli", "--no-tls", "--no-dtls", "--min-port", str(low), "--max-port", str(low + 99),
                "--userdb", self.folder + "/users", "--pidfile", self.folder + "/pid", "--log-file", self.folder + "/log", "--simple-log"]
        self.process = await asyncio.create_subprocess_exec(*argv, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL)
        user = "%d:owl" % (time.time() + 3600)
        password = base64.b64encode(hmac.new(secret.encode(), user.encode(), hashlib.sha1).digest()).decode()
        self.server = {"urls": "turn:%s:%d?transport=udp" % (self.host, self.port), "username": user, "credential": password}
        for _ in range(100):
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
                writer.close()
                return self
            except OSError:
                await asyncio.sleep(0.05)
        await self.__aexit__()
        raise RuntimeError("coturn does not answer; install the group test of cluster/packages.txt")

    async def __aexit__(self, *_):
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


async def media_flows_through_a_turn_server():
    async with Turn() as turn, Stage() as stage:
        config = {"iceServers": [turn.server], "iceTransportPolicy": "relay"}
        chromium = await stage.chromium()
        a = await stage.guest(chromium, tone=440, canvas=RED, config=config)
        b = await stage.guest(chromium, tone=880, canvas=BLUE)
        await asyncio.gather(hears(a, 880), hears(b, 440), sees(a, BLUE), sees(b, RED))
        pair = (await a.peer.summary())["pair"]
        assert pair["local"].startswith("relay/"), pair
        return pair


async def an_ice_restart_keeps_media_flowing():
    async with Stage() as stage:
        figures = {}
        for browser, call in ((await stage.chromium(), "owls"), (await stage.firefox(), "larks")):
            a, b = await stage.guests(browser, {"tone": 440, "canvas": RED}, {"tone": 880, "canvas": BLUE}, call=call)
            await asyncio.gather(hears(a, 880), hears(b, 440), sees(a, BLUE), sees(b, RED))
            names = []
            for _ in range(2):
                names.append(await a.peer.page.eval("H.pcs.p.pc.remoteDescription.sdp.match(/a=ice-ufrag:(.*)/)[1].trim()"))
                if len(names) == 1:
                    meters = asyncio.gather(Meter(a, b).run(4), Meter(b, a).run(4))
                    await asyncio.sleep(0.3)
                    await a.guest.publish(iceRestart=True)
            forth, back = await meters
            assert names[0] != names[1], "the node kept its ufrag %s" % names[0]
            for way in (forth, back):
                assert way["share"] > 0.9, (call, forth, back)
            summary = await a.peer.summary()
            assert summary["connectionState"] == "connected", summary
            figures[type(browser).__name__] = "frozen %.2f s and %.2f s" % (forth["frozen"], back["frozen"])
        return figures


async def media_follows_a_client_to_a_new_address():
    async with Stage() as stage:
        chromium = await stage.chromium()
        link = await stage.link(seed=1)
        a = await stage.guest(chromium, link=link, tone=440, canvas=RED)
        b = await stage.guest(chromium, tone=880, canvas=BLUE)
        await asyncio.gather(sees(a, BLUE), sees(b, RED))
        await asyncio.sleep(3)

        async def rebind():
            link.rebind()
        to_it = await gap(frames_of(a), rebind, 10)
        await sees(b, RED)
        await asyncio.sleep(3)
        from_it = await gap(frames_of(b), rebind, 10)
        await asyncio.gather(hears(a, 880), hears(b, 440))
        return {"media_to_it_after": round(to_it, 2), "media_from_it_after": round(from_it, 2)}


async def lossy(loss: float, seconds: float):
    """What a viewer gets of a sender when both their paths lose so much of everything, both ways."""
    async with Stage() as stage:
        chromium = await stage.chromium()
        seats = []
        for seed, media in ((1, {"tone": 440, "canvas": {**RED, "noise": 4}}), (3, {"tone": 880, "canvas": BLUE})):
            link = await stage.link(seed)
            seats.append(await stage.guest(chromium, link=link, **media))
        sender, viewer = seats
        await asyncio.gather(sees(sender, BLUE), sees(viewer, RED))
        for seat in seats:
            seat.link.up.set(loss=loss)
            seat.link.down.set(loss=loss)
        await asyncio.sleep(2)
        figures = await Meter(sender, viewer).run(seconds)
        states = [(await s.peer.summary())["connectionState"] for s in seats]
        assert states == ["connected", "connected"], states
        counts = await stage.node.figures("packets_resent", "resends_refused", "key_frames_asked")
        return {**{k: figures[k] if isinstance(figures[k], int) else round(figures[k], 2)
                   for k in ("made", "frames", "share", "fps", "freezes", "frozen", "nacks", "asked", "plis")}, **counts}


async def a_loss_of_ten_percent_is_repaired():
    figures = await lossy(10, 12)
    assert figures["share"] >= 0.9, figures
    assert figures["nacks"] > 0 and figures["asked"] > 0, figures
    return figures


async def a_loss_of_thirty_percent_is_survived():
    figures = await lossy(30, 12)
    assert figures["frames"] > 10, figures
    return figures


SCENARIOS = [
    media_flows_over_tcp_alone,
    media_flows_over_tcp_alone_between_two_threads,
    media_flows_over_ipv6_alone,
    media_flows_through_a_turn_server,
    an_ice_restart_keeps_media_flowing,
    media_follows_a_client_to_a_new_address,
    a_loss_of_ten_percent_is_repaired,
    a_loss_of_thirty_percent_is_survived,
]

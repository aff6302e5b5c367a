"""Scenarios of clients that break what they have agreed to, with media and all, while others talk."""
from __future__ import annotations

import asyncio
import re

from caller import Caller
from meetings import CHANNEL, Meeting
from stage import hears


class Mum(Caller):
    """Takes the node's offers and answers none."""

    async def _answer(self, sdp):
        self.rounds += 1


class Fickle(Caller):
    """Answers each offer of the node's with something else, and then as it should."""

    async def _answer(self, sdp):
        for _ in range(3):
            await self._send_description("answer", sdp.replace("a=sendonly", "a=sendrecv").replace("m=audio", "m=video"))
            await self._send_description("answer", "v=0\r\n")
        await super()._answer(sdp)


async def come(stage: Meeting, kind, name: str) -> Caller:
    from aiortc_client import Peer
    peer = Peer()
    stage.push_async_callback(peer.close)
    caller = kind(stage.node.url, name, CHANNEL, peer)
    await stage.enter_async_context(caller)
    await caller.ready()
    return caller


async def speak(ada: Caller, ben: Caller):
    await asyncio.gather(ada.unmute(tone=440), ben.unmute(tone=880))
    await asyncio.gather(hears(ada, 880), hears(ben, 440))


async def three(stage: Meeting, kind):
    ada, ben = await stage.come(None, "ada"), await stage.come(None, "ben")
    odd = await come(stage, kind, "odd")
    await speak(ada, ben)
    return ada, ben, odd


async def who_never_answers_an_offer_is_told_and_the_others_talk():
    async with Meeting() as stage:
        ada, ben, mum = await three(stage, Mum)
        error = await mum.hear("error", timeout=20)
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        assert mum.rounds <= 3, "%d offers before it was given up" % mum.rounds
        out = error["connID"] == mum.original
        if out:
            await ada.hear("user_left", session_id=mum.original)
        state = await ada.state()
        assert len(state["sessions"]) == (2 if out else 3), state
        return {"said": error["data"], "offers": mum.rounds, "out": out}


async def who_answers_nonsense_is_told_and_may_answer_again():
    async with Meeting() as stage:
        ada, ben, fickle = await three(stage, Fickle)
        await fickle.hear("error", connID="")
        await hears(fickle, 440, 880)
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        assert len((await ada.state())["sessions"]) == 3
        return {"errors": len(fickle.heard("error")), "said": sorted({e["data"] for e in fickle.heard("error")})}


async def who_changes_their_mind_in_an_offer_is_told_and_may_offer_again():
    async with Meeting() as stage:
        ada, ben = await stage.come(None, "ada"), await stage.come(None, "ben")
        await speak(ada, ben)
        good = ben.peer.pc.localDescription.sdp
        many = good + "".join("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x%d\r\na=inactive\r\n" % n for n in range(1000))
        for sdp in (
            many,
            good.replace("m=audio", "m=video"),
            re.sub(r"a=mid:\S+", "a=mid:same", good),
            re.sub(r"a=fingerprint:\S+ \S+", "a=fingerprint:sha-256 00", good),
            good.split("m=", 2)[0] + "m=" + good.split("m=", 2)[1],
            "v=0\r\n" * 2000,
        ):
            await ben._send_description("offer", sdp)
        await ben.hear("error")
        await asyncio.sleep(0.5)
        assert len(ben.heard("error")) == 6, "each is told"
        assert all(e["connID"] == "" for e in ben.heard("error")), ben.heard("error")
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        while not ben.answers.empty():
            ben.answers.get_nowait()
        await ben.negotiate()
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        return {"said": sorted({e["data"] for e in ben.heard("error")})}


SCENARIOS = [
    who_never_answers_an_offer_is_told_and_the_others_talk,
    who_answers_nonsense_is_told_and_may_answer_again,
    who_changes_their_mind_in_an_offer_is_told_and_may_offer_again,
]

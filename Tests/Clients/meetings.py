"""Scenarios of whole calls: clients of the calls protocol in real browsers and aiortc, through the node's public door."""
from __future__ import annotations

import asyncio
import json
import time

from aiortc_client import Peer as AioPeer
from caller import Caller, ask
from stage import BLUE, RED, Seat, Stage, hears, hears_nothing, sees, until

CHANNEL = "night0owls0of0the0north000"


class Meeting(Stage):
    """A node at which people call each other in one channel."""

    def __init__(self, **node):
        super().__init__(**{"sections": "[websocket]\nburst = 1000\nmessages_per_second = 200\n[limits]\nrequests_per_second = 100\nrequest_burst = 500\n", **node})

    async def come(self, client, name: str, channel: str = CHANNEL, **options) -> Caller:
        """client: a browser, None for aiortc."""
        if client is None:
            peer = AioPeer()
            self.push_async_callback(peer.close)
        else:
            peer = await (await client.page()).rtc_make("p", {})
        caller = Caller(self.node.url, name, channel, peer, **options)
        await self.enter_async_context(caller)
        await caller.ready()
        return caller


async def talk(stage: Meeting, a: Caller, b: Caller):
    await asyncio.gather(a.unmute(tone=440), b.unmute(tone=880))
    await asyncio.gather(hears(a, 880), hears(b, 440))
    assert a.maps_late == b.maps_late == 0, (a.maps_late, b.maps_late)
    assert [t["sender_id"] for t in a.tracks.values()] == [b.original], a.tracks
    assert [t["type"] for t in b.tracks.values()] == ["voice"], b.tracks


async def two_people_call_each_other_by_the_calls_protocol():
    async with Meeting() as stage:
        chromium, firefox = await stage.chromium(), await stage.firefox()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(firefox, "ben")
        await ada.hear("user_joined", user_id=ben.user, session_id=ben.original, channelID=CHANNEL)
        await talk(stage, ada, ben)
        await ada.mute()
        await ben.hear("user_muted", userID=ada.user, session_id=ada.original)
        await hears_nothing(ben)
        await ada.unmute()
        await ben.hear("user_unmuted", userID=ada.user)
        await hears(ben, 440)
        state = await ben.state()
        assert state["host_id"] == state["owner_id"] == ada.user, state
        assert [s["session_id"] for s in state["sessions"]] == [ada.original, ben.original], state
        assert all(s["unmuted"] for s in state["sessions"]), state
        await ada.leave()
        await ben.hear("user_left", user_id=ada.user, session_id=ada.original)
        await ben.hear("call_host_changed", hostID=ben.user)
        await ben.leave()
        return {"rounds": (ada.rounds, ben.rounds)}


async def who_speaks_is_told_to_all():
    async with Meeting() as stage:
        chromium = await stage.chromium()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(chromium, "ben")
        # As syllables come and go: a steady tone is no voice.
        await ada.unmute(tone=440, pulse=300)
        await asyncio.gather(*(c.hear("user_voice_on", userID=ada.user, session_id=ada.original) for c in (ada, ben)))
        await ada.mute()
        await asyncio.gather(*(c.hear("user_voice_off", userID=ada.user, session_id=ada.original) for c in (ada, ben)))


async def descriptions_may_go_over_the_data_channel():
    async with Meeting() as stage:
        chromium = await stage.chromium()
        ada = await stage.come(chromium, "ada", over_channel=True)
        ben = await stage.come(None, "ben", over_channel=True)
        await talk(stage, ada, ben)
        offers = [e for e in ada.events if e.get("name") == "signal" and json.loads(e["data"]["data"])["type"] == "offer"]
        assert not offers, "an offer came over the websocket"


async def a_screen_and_cameras_are_seen_in_a_call():
    async with Meeting() as stage:
        chromium, firefox = await stage.chromium(), await stage.firefox()
        ada, ben, eve = await stage.come(chromium, "ada"), await stage.come(chromium, "ben"), await stage.come(firefox, "eve")
        await ada.share(canvas=RED, direction="sendonly")
        await asyncio.gather(sees(ben, RED), sees(eve, RED))
        await ben.hear("user_screen_on", userID=ada.user, session_id=ada.original)
        assert [t["type"] for t in eve.tracks.values()] == ["screen"], eve.tracks
        await ben.show_camera(canvas=BLUE)
        await asyncio.gather(sees(ada, BLUE), sees(eve, BLUE, RED))
        assert (await eve.state())["screen_sharing_session_id"] == ada.original
        # A second screen is refused, and its owner told.
        await ben.say("screen_on", {"data": json.dumps({"screenStreamID": "another"})})
        await ben.hear("error")
        await ada.say("screen_off")
        await eve.hear("user_screen_off", userID=ada.user)
        assert (await eve.state())["screen_sharing_session_id"] == ""
        assert all(c.maps_late == 0 for c in (ada, ben, eve))


async def a_websocket_may_be_cut_again_and_again_while_people_talk():
    async with Meeting() as stage:
        chromium = await stage.chromium()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(chromium, "ben")
        await talk(stage, ada, ben)
        for resume in (True, False, False, True):
            before = ada.connection
            await ada.cut()
            await ben.say("raise_hand")
            await ben.hear("user_raise_hand", userID=ben.user)
            await asyncio.sleep(0.3)
            mark = len(ada.events)
            await ada.come_back(resume)
            assert ada.resumed == resume and (ada.connection == before) == resume
            if resume:
                await ada.hear("user_raise_hand", after=mark, userID=ben.user)
            state = await ada.state()
            assert [s["session_id"] for s in state["sessions"]] == [ada.original, ben.original], state
            assert state["sessions"][1]["raised_hand"] > 0, state
            await asyncio.gather(hears(ada, 880), hears(ben, 440))
            await ben.say("unraise_hand")
            await ada.hear("user_unraise_hand", after=mark, userID=ben.user)
        assert not ben.heard("user_left")
        # Signalling finds its way to the newest socket: a third comes, and is heard.
        eve = await stage.come(chromium, "eve")
        await eve.unmute(tone=1320)
        await asyncio.gather(hears(ada, 880, 1320), hears(ben, 440, 1320))


async def a_host_is_obeyed_whatever_clients_do():
    async with Meeting() as stage:
        chromium = await stage.chromium()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(chromium, "ben")
        await talk(stage, ada, ben)
        base = "/plugins/com.mattermost.calls/calls/%s/host/" % CHANNEL
        status, _, body = await ask(stage.node.url, base + "mute", ben.token, {"session_id": ada.original})
        assert status == 400, (status, body)
        status, _, body = await ask(stage.node.url, base + "mute", ada.token, {"session_id": ben.original})
        assert status == 200, (status, body)
        await ben.hear("host_mute", session_id=ben.original)
        await hears_nothing(ada)                # though ben's microphone goes on
        await ben.unmute()
        await hears(ada, 880)
        status, _, body = await ask(stage.node.url, base + "remove", ada.token, {"session_id": ben.original})
        assert status == 200, (status, body)
        await ada.hear("user_left", user_id=ben.user)
        await hears_nothing(ada)
        mark = len(ben.events)
        await ben.say("join", {"channelID": CHANNEL})
        refused = await ben.hear("error", after=mark)
        status, _, body = await ask(stage.node.url, base + "end", ada.token, method="POST")
        assert status == 200, (status, body)
        await ada.hear("call_end")
        return {"re-join": refused["data"]}


async def a_crowd_meets_two_browsers():
    count = 20
    async with Meeting() as stage:
        chromium, firefox = await stage.chromium(), await stage.firefox()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(firefox, "ben")
        await talk(stage, ada, ben)
        began = time.monotonic()
        crowd = await asyncio.gather(*(stage.come(None, "guest%d" % i) for i in range(count)))
        joined = time.monotonic() - began
        for guest in crowd:
            await ada.hear("user_joined", user_id=guest.user)
        await crowd[0].unmute(tone=1320)
        await asyncio.gather(hears(ada, 1320), hears(ben, 1320))
        before = time.monotonic()
        await ada.say("raise_hand")
        await asyncio.gather(*(g.hear("user_raise_hand", userID=ada.user) for g in crowd))
        spread = time.monotonic() - before
        states = await asyncio.gather(*(g.state() for g in [ada, ben, *crowd]))
        pictures = {json.dumps(s["sessions"], sort_keys=True) for s in states}
        assert len(pictures) == 1 and len(states[0]["sessions"]) == count + 2, states[0]
        await asyncio.gather(*(g.leave() for g in crowd))

        async def alone():
            return len((await ada.state())["sessions"]) == 2
        await until(alone, "the crowd has left")
        return {"joined in": round(joined, 2), "a hand is seen in": round(spread, 3)}


async def who_vanishes_is_missed_after_the_grace():
    async with Meeting(sections="[calls]\nreconnect_grace = \"2s\"\n[websocket]\nburst = 1000\n") as stage:
        chromium = await stage.chromium()
        ada, ben = await stage.come(chromium, "ada"), await stage.come(chromium, "ben")
        await ben.cut()
        began = time.monotonic()
        await ada.hear("user_left", timeout=15, user_id=ben.user)
        gone = time.monotonic() - began
        # Who comes back too late is told so.
        await ben.come_back()
        late = await ben.hear("error")
        assert 1.5 < gone < 6, gone
        return {"missed after": round(gone, 1), "told": late["data"]}


SCENARIOS = [
    two_people_call_each_other_by_the_calls_protocol,
    who_speaks_is_told_to_all,
    descriptions_may_go_over_the_data_channel,
    a_screen_and_cameras_are_seen_in_a_call,
    a_websocket_may_be_cut_again_and_again_while_people_talk,
    a_host_is_obeyed_whatever_clients_do,
    a_crowd_meets_two_browsers,
    who_vanishes_is_missed_after_the_grace,
]

"""Pictures of the web client's main states, wide and narrow, to be looked at after a change.

    python3 shots.py FOLDER [part of a name ...]
"""
from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from caller import ask
from house import House, Person

WIDE, NARROW, LYING = (1280, 800), (390, 844), (844, 390)


class Album:
    def __init__(self, folder: Path, wanted: list[str]):
        self.folder, self.wanted = folder, wanted
        folder.mkdir(parents=True, exist_ok=True)

    def wants(self, name: str) -> bool:
        return not self.wanted or any(part in name for part in self.wanted)

    async def shoot(self, person: Person, name: str, lying=False, again=None):
        """again(): opens what closes when the window changes."""
        if not self.wants(name):
            return
        for kind, (width, height) in (("wide", WIDE), ("narrow", NARROW), *((("lying", LYING),) if lying else ())):
            await person.page.viewport(width, height, mobile=kind != "wide")
            if again:
                await again()
            await person.page.screenshot(self.folder / ("%s-%s.png" % (name, kind)), width, height, mobile=kind != "wide")
        await person.page.viewport(*WIDE)


async def before_a_call(house: House, album: Album, browser):
    ada = await house.visit(browser, canvas={"color": "#365f6b"})
    await album.shoot(ada, "home", lying=True)
    await ada.type("#name", "Ada Lovelace")
    names = [("Ben Okri", "#7a4b2a", True, False), ("Eve", "#2a4f7a", False, True), ("Søren Ångström-Kjærgaard", "#4d2a7a", True, True), ("ليلى حداد", "#2a7a4b", False, True)]
    others = [await house.come(browser, name, tone=500 + 90 * i, canvas={"color": colour}, camera=camera, muted=muted) for i, (name, colour, camera, muted) in enumerate(names)]
    await ada.go_to("Ada Lovelace", "night-owls")
    await ada.wait(".lobby .level:not([hidden])")
    await album.shoot(ada, "lobby", lying=True)
    await ada.page.eval("P.refuse('NotAllowedError')")
    await ada.click(".preview-tools .tool:last-child")
    await ada.wait(".trouble")
    await album.shoot(ada, "lobby-trouble")
    await ada.open("/", canvas={"color": "#365f6b"})
    await ada.wait(".channel.live[href='/night-owls']")
    await album.shoot(ada, "channels")
    await ada.click(".channel.live[href='/night-owls']")
    await ada.wait(".lobby .level:not([hidden])")
    await ada.wait(".preview-video:not([hidden])")
    await album.shoot(ada, "lobby-camera")
    guest = await house.visit(browser, "/#guest=x")
    await guest.wait(".lobby .level:not([hidden])")
    await album.shoot(guest, "lobby-guest")
    return ada, others


async def in_a_call(house: House, album: Album, ada: Person, others: list[Person]):
    ben, eve, soren, _ = others
    await ada.enter()
    await asyncio.gather(eve.tool("hand"), soren.tool("hand"))
    await ben.tool("react")
    await ben.click(".menu button.emoji")
    await asyncio.sleep(1.5)
    await album.shoot(ada, "call", lying=True)
    await album.shoot(ada, "more", again=lambda: again(ada, "more"))
    await ada.tool("react")
    await ada.click(".emojis > .emoji:last-child")
    await album.shoot(ada, "reactions")
    await ada.tool("react")
    await ada.tool("people")
    await album.shoot(ada, "people", lying=True)
    await ben.menu_of(eve)
    await album.shoot(ben, "person")
    await ben.page.press("Escape")
    await ben.tool("people")
    await album.shoot(ben, "leave", again=lambda: again(ben, "leave"))
    await ben.page.press("Escape")
    await ada.tool("people")
    await ada.click(".bar .wide-only")
    await asyncio.sleep(6)
    await album.shoot(ada, "speaker", lying=True)
    for _ in range(2):
        await ada.click(".bar .wide-only")
    who = {"channel_id": await ada.page.eval("roost.call.channel"), "user_id": await ada.page.eval("roost.call.me"), "session_id": await ada.page.eval("roost.call.session")}
    job = {"type": "recording", "init_at": 1, "start_at": await ada.page.eval("Date.now()"), "end_at": 0, "err": ""}
    await ada.tell("call_job_state", callID=who["channel_id"], jobState=job)
    if album.wants("recording"):
        for text in ("So the owls were awake all night?", "They were, and they talked about the larks, who get up so early that some of the owls never meet them.", "Good morning!"):
            await ada.tell("caption", **who, text=text)
    await album.shoot(ada, "recording")
    await ada.choose("All right")
    await ada.tell("call_job_state", callID=who["channel_id"], jobState={**job, "end_at": 2})
    await ben.page.eval("P.screen(0, '#e8e4da')")
    await ben.tool("screen")
    await ada.wait(".tile.main.screen")
    await asyncio.sleep(6)
    await album.shoot(ada, "screen", lying=True)
    await ada.click(".bars")
    await asyncio.sleep(4)
    await album.shoot(ada, "quality")
    await ada.choose("Statistics")
    await asyncio.sleep(2)
    await album.shoot(ada, "statistics")
    await ada.click(".overlay header button")
    await ada.tool("more")
    await ada.choose("Keyboard shortcuts")
    await album.shoot(ada, "keys")
    await ada.choose("Done")
    await ada.tool("more")
    await ada.choose("Settings")
    await album.shoot(ada, "settings")
    await ada.page.eval("((one) => { one.value = 'ar'; one.dispatchEvent(new Event('change')); })(document.querySelector('#language'))")
    await album.shoot(ada, "arabic-settings")
    await ada.page.eval("document.querySelector('dialog footer button').click()")
    await ada.tool("people")
    await album.shoot(ada, "arabic-people")
    await ada.tool("people")
    await album.shoot(ada, "arabic-more", again=lambda: again(ada, "more"))
    await ada.page.press("Escape")
    await album.shoot(ada, "arabic-screen", lying=True)
    await ben.tool("screen")
    await ada.holds("!document.querySelector('.tile.screen')", "no screen any more")
    await asyncio.sleep(1)
    await album.shoot(ada, "arabic-call")
    await ada.page.eval("document.documentElement.dataset.theme = 'dark'")
    await album.shoot(ada, "arabic-dark")
    await ada.page.eval("(localStorage.roost = JSON.stringify({ ...JSON.parse(localStorage.roost), language: 'en' }), 1)")


async def again(person: Person, tool: str):
    """A menu is for the window that it was opened in."""
    if await person.page.eval("document.querySelector('.menu') != null"):
        await person.page.press("Escape")
    await person.tool(tool)


async def in_trouble(house: House, album: Album, browser):
    link = await house.link(1)
    link.partition("up", "down")
    eve = await house.visit(browser)
    await eve.page.eval("P.route(%s, %d)" % (json.dumps(link.address[0]), link.address[1]))
    await eve.go_to("Eve", "larks")
    await eve.click(".lobby form button.main")
    await eve.says("Sound and pictures can't get through", 30)
    await album.shoot(eve, "diagnosis")
    await eve.choose("Keep trying")
    link.heal()
    await eve.holds("roost.call.phase === 'connected'", "it is heard", 40)
    await album.shoot(eve, "alone", lying=True)
    await eve.page.offline(True)
    await eve.page.eval("P.cut()")
    await eve.says("Reconnecting")
    await album.shoot(eve, "reconnecting")
    await eve.page.offline(False)
    await eve.holds("roost.call.phase === 'connected'", "it is there again", 40)
    await eve.tool("leave")
    await eve.says("You have left")
    await album.shoot(eve, "left", lying=True)


async def in_a_crowd(house: House, album: Album, browser):
    """So many browsers would be too much for most machines: the node's word is spoken to the page by us."""
    first = await house.come(browser, "Ada Lovelace", channel="choir", canvas={"color": "#365f6b"}, camera=True)
    mine = await first.page.eval("({ id: roost.call.roster.id, channel_id: roost.call.channel, session_id: roost.call.session, user_id: roost.call.me })")
    sessions = [{"session_id": mine["session_id"], "user_id": mine["user_id"], "unmuted": True, "raised_hand": 0, "video": True}]
    for i in range(23):
        _, _, user = await ask(house.node.url, "/api/v4/users/login", body={"login_id": "Singer %d" % (i + 1)})
        sessions.append({"session_id": "s%d" % i, "user_id": user["id"], "unmuted": i < 4, "raised_hand": 1 + i if i % 7 == 3 else 0, "video": False})
    state = {"id": mine["id"], "host_id": mine["user_id"], "owner_id": mine["user_id"], "start_at": await first.page.eval("Date.now()"), "screen_sharing_session_id": "", "sessions": sessions}
    for name, people in (("nine", 9), ("crowd", 24)):
        await first.tell("call_state", channel_id=mine["channel_id"], call=json.dumps({**state, "sessions": sessions[:people]}))
        await asyncio.sleep(1.5)
        await album.shoot(first, name, lying=True)
    await first.page.eval("P.screen(0, '#e8e4da')")
    await first.tool("screen")
    await asyncio.sleep(1)
    await first.tell("call_state", channel_id=mine["channel_id"], call=json.dumps({**state, "screen_sharing_session_id": mine["session_id"]}))
    await asyncio.sleep(1.5)
    await album.shoot(first, "crowd-screen", lying=True)


async def shots(folder: Path, wanted: list[str]):
    album = Album(folder, wanted)
    async with House() as house:
        browser = await house.chromium()
        if not wanted or any(album.wants(name) for name in ("diagnosis", "alone", "reconnecting", "left")):
            await in_trouble(house, album, browser)
        if album.wants("crowd") or album.wants("nine"):
            await in_a_crowd(house, album, browser)
        ada, others = await before_a_call(house, album, browser)
        await in_a_call(house, album, ada, others)
        print("\n".join(str(e) for e in browser.errors))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("python3 shots.py FOLDER [part of a name ...]")
    asyncio.run(shots(Path(sys.argv[1]), sys.argv[2:]))

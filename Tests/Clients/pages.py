"""Scenarios of people at the web client itself: calls as they go, and how they come back."""
from __future__ import annotations

import asyncio
import json
import re
import time

from caller import ask
from house import SETTINGS, House
from stage import BLUE, RED


async def two_people_talk_through_the_page(one="chromium", two="firefox"):
    async with House() as house:
        a, b = await getattr(house, one)(), await getattr(house, two)()
        ada = await house.come(a, "Ada")
        began = time.monotonic()
        ben = await house.come(b, "Ben", tone=880, canvas=BLUE)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        took = time.monotonic() - began
        await ada.holds("document.querySelectorAll('.tile').length === 2", "two tiles")
        await ben.holds("document.querySelector('.tile.speaking')", "somebody speaks")
        await asyncio.gather(ada.tool("camera"), ben.tool("camera"))
        await asyncio.gather(ada.sees(BLUE), ben.sees(RED))
        await ada.tool("mic")
        await ben.hears()
        await ada.tool("mic")
        await ben.hears(440)
        await ada.tool("camera")
        await ben.sees()
        await ada.tool("camera")
        await ben.sees(RED)
        await ada.tool("hand")
        await ben.holds("document.querySelector('.tile-hand:not([hidden])')", "a hand is up")
        await ada.tool("react")
        await ada.click(".menu button.emoji")
        await ben.says("👍")
        await ada.tool("leave")
        await ada.choose("Leave")
        await ada.says("You have left the call")
        await ben.holds("document.querySelectorAll('.tile').length === 1", "one tile")
        await ben.says("Ada has left")
        await ben.says("You are the host now")
        await house.check()
        return {"from the front page to hearing": round(took, 1)}


async def firefox_begins_and_chromium_comes_to_the_page():
    await two_people_talk_through_the_page("firefox", "chromium")


async def a_voice_is_heard_within_a_second_of_joining_by_the_page():
    """Under the settings that a node has by itself, which hold people to few requests."""
    async with House(sections="") as house:
        chromium, firefox = await house.chromium(), await house.firefox()
        await house.come(chromium, "Ada")
        figures = {}
        for name, browser in (("Chromium", chromium), ("Firefox", firefox)):
            times = []
            for i in range(3):
                person = await house.visit(browser, tone=880)
                await person.go_to("%s %d" % (name, i), "night-owls")
                await person.click(".preview-tools .tool")
                await person.wait(".preview-tools .tool.off")
                times.append(await person.page.eval("P.clickAndHear('.lobby form button.main')"))
                await person.tool("leave")
                await person.says("You have left the call")
            figures[name] = "%.0f ms" % sorted(times)[1]
            assert sorted(times)[1] < 1000, (name, times)
        await house.check()
        return figures


async def a_host_mutes_and_removes_by_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.come(await house.firefox(), "Ada")
        ben = await house.come(chromium, "Ben", tone=880)
        eve = await house.come(chromium, "Eve", tone=1320)
        await asyncio.gather(ada.hears(880, 1320), ben.hears(440, 1320), eve.hears(440, 880))
        await ada.menu_of(ben)
        await ada.choose("Mute")
        await ben.says("The host has muted you")
        await eve.hears(440)
        await ben.holds("document.querySelector('[data-tool=mic].off')", "the button shows it")
        await ben.tool("mic")
        await eve.hears(440, 880)
        await ben.tool("hand")
        await ada.menu_of(ben)
        await ada.choose("Lower hand")
        await ben.says("The host has lowered your hand")
        await ben.holds("!roost.call.wish.hand && roost.call.mine.hand === 0", "the hand is down")
        await ada.menu_of(eve)
        await ada.choose("Remove from call")
        await ada.choose("Remove from call")
        await eve.says("You were removed from the call")
        await ben.says("Eve was removed by the host")
        await ada.menu_of(ben)
        await ada.choose("Make host")
        await ben.says("You are the host now")
        await ben.tool("leave")
        await ben.choose("End for everyone")
        await ben.choose("End for everyone")
        await asyncio.gather(ada.says("The call is over"), ben.says("The call is over"))
        await house.check()


async def a_screen_is_shared_on_the_page():
    async with House() as house:
        chromium, firefox = await house.chromium(), await house.firefox()
        ada, ben = await house.come(chromium, "Ada"), await house.come(firefox, "Ben", tone=880)
        green = {"color": "#20a020"}
        for one, other, tone in ((ada, ben, 440), (ben, ada, 880), (ada, ben, 440)):
            await one.page.eval("P.screen(660, '#20a020')")
            await one.tool("screen")
            await other.sees(green)
            await other.hears(tone, 660)
            await other.says("Screen of " + one.name)
            await other.holds("document.querySelector('.tile.main.screen')", "the screen is large")
            await other.holds("document.querySelector('[data-tool=screen]').disabled", "nobody else can share")
            await one.tool("screen")
            await other.holds("!document.querySelector('.tile.screen')", "the screen is gone")
            await other.hears(tone)
        await ada.tool("screen")
        await ben.sees(green)
        await ada.page.eval("P.end(roost.call.ownPictures.screen)")
        await ben.holds("!document.querySelector('.tile.screen')", "the browser's own button ends it too")
        await house.check()


async def the_page_comes_back_by_itself():
    """The websocket is cut, then the browser is offline, then the node forgets the session."""
    async with House("[calls]\nreconnect_grace = \"4s\"\n" + SETTINGS) as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(await house.firefox(), "Ben", tone=880)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        await ada.tool("hand")
        session = await ada.page.eval("roost.call.session")
        for person in (ada, ben, ada):
            await person.page.eval("P.cut()")
            await person.holds("roost.call.phase === 'connected'", "it is there again")
        assert session == await ada.page.eval("roost.call.session")
        await asyncio.gather(ada.hears(880), ben.hears(440))
        # Offline for longer than the node waits: another session, and all is as it was.
        await ada.page.offline(True)
        await ada.page.eval("P.cut()")
        await ada.says("Reconnecting")
        await ben.holds("roost.call.roster.size === 1", "ada is missed")
        await ada.page.offline(False)
        began = time.monotonic()
        await ben.hears(440)
        back = time.monotonic() - began
        await ada.hears(880)
        await ada.holds("!P.text().includes('Reconnecting')", "it no longer says so")
        assert session != await ada.page.eval("roost.call.session")
        await ben.holds("roost.call.roster.hands.length === 1", "the hand is up again")
        chromium.errors[:] = [e for e in chromium.errors if "WebSocket" not in e and "ERR_INTERNET_DISCONNECTED" not in e]
        await house.check()
        return {"heard again after": round(back, 1)}


async def media_that_is_cut_comes_back_to_the_page():
    async with House() as house:
        chromium, firefox = await house.chromium(), await house.firefox()
        eve = await house.come(chromium, "Eve", tone=1320)
        for browser in (chromium, firefox):
            link = await house.link(1)
            ada = await house.visit(browser, tone=440)
            await ada.page.eval("P.route(%s, %d)" % (json.dumps(link.address[0]), link.address[1]))
            await ada.go_to("Ada", "night-owls")
            await ada.wait(".lobby .level:not([hidden])")
            await ada.enter()
            await asyncio.gather(ada.hears(1320), eve.hears(440))
            link.partition("up", "down")
            await ada.says("Reconnecting", 25)
            link.heal()
            await asyncio.gather(ada.hears(1320), eve.hears(440))
            await ada.holds("!P.text().includes('Reconnecting')", "it no longer says so")
            await ada.tool("leave")
            await ada.says("You have left the call")
            await eve.hears()
        await house.check()


async def who_finds_no_way_for_media_is_told_what_to_open_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        eve = await house.come(chromium, "Eve", tone=1320)
        link = await house.link(1)
        link.partition("up", "down")
        ada = await house.visit(chromium, tone=440)
        await ada.page.eval("P.route(%s, %d)" % (json.dumps(link.address[0]), link.address[1]))
        await ada.go_to("Ada", "night-owls")
        await ada.click(".lobby form button.main")
        await ada.says("Sound and pictures can't get through", 30)
        await ada.says("Open UDP %d to %s" % (link.address[1], link.address[0]))
        await ada.says("No answer")
        link.heal()
        await asyncio.gather(ada.hears(1320, timeout=40), eve.hears(440, timeout=40))
        await ada.holds("!document.querySelector('dialog')", "the diagnosis is gone")
        await house.check()


async def a_lost_microphone_is_replaced_on_the_page():
    async with House() as house:
        chromium, firefox = await house.chromium(), await house.firefox()
        ada, ben = await house.come(chromium, "Ada"), await house.come(firefox, "Ben", tone=880)
        lose = "P.end(roost.devices.get('mic'))"
        for one, other, tone in ((ada, ben, 440), (ben, ada, 880)):
            await other.hears(tone)
            await one.page.eval("P.tune(550)")
            await one.page.eval(lose)
            await one.says("Microphone is now")
            await other.hears(550)
            await one.page.eval("P.refuse('NotFoundError')")
            await one.page.eval(lose)
            await one.says("Your microphone is gone")
            await other.hears()
        await house.check()


async def trouble_has_words():
    async with House("[calls]\nmax_participants = 1\n" + SETTINGS) as house:
        chromium = await house.chromium()
        for failure, words in (("NotAllowedError", "The microphone is blocked"), ("NotFoundError", "No microphone was found"), ("NotReadableError", "Another program")):
            person = await house.visit(chromium)
            await person.page.eval("P.refuse(%s)" % json.dumps(failure))
            await person.go_to("Ada", "larks")
            await person.says(words)
            await person.enter()               # to listen
            await person.tool("leave")
            await person.says("You have left the call")
        ada = await house.come(chromium, "Ada")
        ben = await house.visit(chromium)
        await ben.go_to("Ben", "night-owls")
        await ben.click(".lobby form button.main")
        await ben.says("The call is full")
        guest = await house.visit(chromium, "/#guest=nobody-knows-this")
        await guest.type("#name", "Guest")
        await guest.click(".lobby form button.main")
        await guest.says("This link is not open any more")
        await ada.tool("leave")
        chromium.errors[:] = [e for e in chromium.errors if "404" not in e]
        await house.check()


async def a_guest_comes_by_a_link_and_names_stay_text():
    async with House() as house:
        chromium = await house.chromium()
        admin = await house.come(chromium, "admin")
        status, _, user = await ask(house.node.url, "/api/v4/users/login", body={"login_id": "admin"})
        assert status == 200, user
        link = await admin.page.eval("roost.call.channel")
        await admin.page.eval("P.catchClipboard()")
        await admin.tool("more")
        await admin.choose("Copy a guest link")
        await admin.holds("P.copied", "the link is copied")
        path = (await admin.page.eval("P.copied"))[len(house.node.url):]
        guest = await house.visit(chromium, tone=880)
        await guest.page.eval("location.href = %s" % json.dumps(path))
        await guest.says("You are invited to a call")
        name = "<img src=x onerror=alert(1)>"
        guest.name = name
        await guest.type("#name", name)
        await guest.enter()
        assert link == await guest.page.eval("roost.call.channel")
        await asyncio.gather(guest.hears(440), admin.hears(880))
        await admin.says(name)
        assert not await admin.page.eval("document.querySelector('.room [src=x]')")
        await house.check()


def code(text: str) -> str:
    """Without its comments."""
    return re.sub(r"/\*.*?\*/", "", re.sub(r"(^|\s)//.*", "", text), flags=re.S)


async def the_client_library_needs_no_document():
    """protocol.js and what it imports run where there is none, and import nothing of the face."""
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.visit(chromium)
        files = await ada.page.eval("""(async () => {
            const seen = new Map();
            const read = async (name) => {
                if (seen.has(name)) return;
                seen.set(name, '');
                seen.set(name, await (await fetch(name)).text());
                for (const [, other] of seen.get(name).matchAll(/from "\\.(\\/[a-z-]+\\.js)"/g)) await read(other);
            };
            await read('/protocol.js');
            return Object.fromEntries(seen);
        })()""")
        face = {name: re.findall(r"\b(?:document|window|localStorage)\b", code(text)) for name, text in files.items()}
        assert not any(face.values()), face
        ran = await ada.page.eval("""new Promise((done) => {
            const worker = new Worker('/protocol.js', { type: 'module' });
            worker.onerror = (error) => done(error.message || 'it could not be loaded');
            setTimeout(() => done('ran'), 1500);
        })""")
        assert ran == "ran", ran
        await house.check()
        return {"files": len(files)}


class Inspection:
    """Looks at what a person has before them: wide, narrow and lying, light and dark."""

    looks = [("light", 1280, 800), ("dark", 390, 844), ("light", 320, 568), ("dark", 844, 390)]

    def __init__(self):
        self.faults = []

    async def look(self, person, where):
        for theme, width, height in self.looks:
            await person.page.eval("(document.documentElement.dataset.theme = %s, 1)" % json.dumps(theme))
            await person.page.viewport(width, height)
            await asyncio.sleep(0.35)
            self.faults += ["%s, %s, %d wide: %s" % (where, theme, width, fault) for fault in await person.sound()]
        await person.page.viewport(1280, 800)

    def judge(self):
        assert not self.faults, "\n".join(dict.fromkeys(self.faults))


async def the_page_is_sound_for_all(browser="chromium"):
    """Controls have names, words have contrast, nothing is cut off, and no language lacks a word."""
    async with House() as house:
        browser = await getattr(house, browser)()
        inspection = Inspection()
        ada = await house.visit(browser)
        missing = await ada.page.eval("P.untranslated()")
        assert not missing, missing
        await inspection.look(ada, "home")
        await ada.go_to("Ada", "night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        await inspection.look(ada, "lobby")
        await ada.enter()
        await ada.tool("hand")
        await house.come(browser, "Benjamin Longname", tone=880, camera=True, canvas=BLUE)
        await ada.sees(BLUE)
        await inspection.look(ada, "call")
        await ada.tool("people")
        await inspection.look(ada, "people")
        await ada.tool("people")
        await ada.tool("more")
        await inspection.look(ada, "menu")
        await ada.choose("Keyboard shortcuts")
        await inspection.look(ada, "keys")
        await ada.choose("Done")
        await ada.tool("leave")
        await inspection.look(ada, "leaving")
        await ada.choose("Leave")
        await ada.says("You have left")
        await inspection.look(ada, "parting")
        inspection.judge()
        await house.check()


async def the_page_is_sound_for_all_in_firefox():
    await the_page_is_sound_for_all("firefox")


async def whatever_opens_on_the_page_is_sound_for_all(language="en"):
    async with House() as house:
        chromium = await house.chromium()
        inspection = Inspection()
        ben = await house.come(chromium, "Benjamin Longname", tone=880, camera=True, canvas=BLUE)
        ada = await house.visit(chromium)
        await ada.page.eval("(localStorage.roost = JSON.stringify({ language: %s, name: 'admin', camera: true }), 1)" % json.dumps(language))
        await ada.open("/")
        await ada.go_to("admin", "night-owls")    # who may order others about
        await ada.wait(".lobby .level:not([hidden])")
        await ada.page.eval("P.refuse('NotAllowedError')")
        await ada.click(".preview-tools .tool:last-child")
        await ada.click(".preview-tools .tool:last-child")
        await ada.wait(".trouble")
        await inspection.look(ada, "trouble")
        await ada.page.eval("history.pushState(null, '', '/')")
        await ada.page.eval("(dispatchEvent(new PopStateEvent('popstate')), 1)")
        await ada.wait(".channel.live")
        await inspection.look(ada, "channels")
        await ada.click(".channel.live")
        await ada.wait(".lobby form button.main")
        await ada.enter()
        await ada.menu_of(ben)
        await inspection.look(ada, "person")
        await ada.page.press("Escape")
        await ada.tool("react")
        await ada.click(".emojis > .emoji:last-child")
        await inspection.look(ada, "reactions")
        await ada.tool("react")
        await ada.tool("people")
        who = await ben.page.eval("({ channel_id: roost.call.channel, user_id: roost.call.me, session_id: roost.call.session })")
        job = {"type": "recording", "init_at": 1, "start_at": await ada.page.eval("Date.now()"), "end_at": 0, "err": ""}
        await ada.tell("call_job_state", callID=who["channel_id"], jobState=job)
        await ada.tell("caption", **who, text="So the owls were awake all night, and the larks, who get up early, never met them? " * 3)
        await inspection.look(ada, "recording")
        await ada.click(".banner button")
        await ada.click(".bars")
        await inspection.look(ada, "connection")
        await ada.click("dialog footer button")
        await inspection.look(ada, "statistics")
        await ada.click(".overlay button")
        await ada.tool("more")
        await ada.page.eval("([...document.querySelectorAll('.menu-row')].at(-1).click(), 1)")
        await inspection.look(ada, "settings")
        await ada.click("dialog footer button")
        await ben.page.eval("P.screen(0, '#20a020')")
        await ben.tool("screen")
        await ada.wait(".tile.main.screen")
        await inspection.look(ada, "screen")
        inspection.judge()
        await house.check()


async def whatever_opens_on_the_page_is_sound_from_right_to_left():
    await whatever_opens_on_the_page_is_sound_for_all("ar")


SCENARIOS = [
    the_client_library_needs_no_document,
    two_people_talk_through_the_page, firefox_begins_and_chromium_comes_to_the_page, a_voice_is_heard_within_a_second_of_joining_by_the_page,
    a_host_mutes_and_removes_by_the_page, a_screen_is_shared_on_the_page,
    the_page_comes_back_by_itself, media_that_is_cut_comes_back_to_the_page, who_finds_no_way_for_media_is_told_what_to_open_on_the_page,
    a_lost_microphone_is_replaced_on_the_page, trouble_has_words, a_guest_comes_by_a_link_and_names_stay_text, the_page_is_sound_for_all,
    the_page_is_sound_for_all_in_firefox, whatever_opens_on_the_page_is_sound_for_all, whatever_opens_on_the_page_is_sound_from_right_to_left,
]

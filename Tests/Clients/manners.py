"""Scenarios of manners: keys, languages, windows, devices, notifications, and what a person has set."""
from __future__ import annotations

import asyncio
import json

from caller import ask
from house import House
from stage import BLUE, RED

GREEN = {"color": "#20a020"}
MIC = {"kind": "audioinput", "deviceId": "desk", "label": "Desk microphone", "tone": 440}
HEADSET = {"kind": "audioinput", "deviceId": "head", "label": "Headset", "tone": 660}
CAMERA = {"kind": "videoinput", "deviceId": "lid", "label": "Lid camera", "color": "#c02020", "blurs": True}
WEBCAM = {"kind": "videoinput", "deviceId": "web", "label": "Webcam", "color": "#20a020"}
SPEAKER = {"kind": "audiooutput", "deviceId": "box", "label": "Speaker box"}
PHONES = {"kind": "audiooutput", "deviceId": "phones", "label": "Headphones"}


async def keys_work_a_call_on_the_page():
    async with House() as house:
        figures = {}
        for browser in (await house.chromium(), await house.firefox()):
            ada = await house.visit(browser, tone=880)
            await ada.go_to("Ada", "keys-" + type(browser).__name__.lower())
            await ada.wait(".lobby .level:not([hidden])")
            await ada.page.press("Control", "Alt", "s")
            await ada.holds("globalThis.roost?.call.phase === 'connected' && roost.call.mine", "Ctrl+Alt+S joins")
            pressed = ada.page.press
            await pressed("Control", "Shift", " ")
            await ada.holds("roost.call.wish.isMuted", "Ctrl+Shift+Space mutes")
            await pressed("Control", "Shift", "y")
            await ada.holds("roost.call.mine.hand > 0", "Ctrl+Shift+Y raises the hand")
            await pressed("Control", "Shift", "y")
            await ada.holds("roost.call.mine.hand === 0", "and lowers it")
            await pressed("Control", "Shift", "x")
            await ada.wait(".menu .emojis")
            await pressed("Control", "Shift", "v")
            await ada.holds("roost.call.hasCamera", "Ctrl+Shift+V starts the camera")
            await ada.page.eval("P.screen(0, '#20a020')")
            await pressed("Control", "Shift", "e")
            await ada.holds("roost.call.isSharing", "Ctrl+Shift+E shares the screen")
            await pressed("Control", "Shift", "e")
            await ada.holds("!roost.call.isSharing", "and ends that")
            await pressed("Alt", "p")
            await ada.holds("!document.querySelector('.panel').hidden", "Alt+P lists the participants")
            await ada.page.eval("document.activeElement.blur()")
            await pressed("Shift", "?")
            await ada.says("Keyboard shortcuts")
            await ada.holds("document.querySelectorAll('dialog .keys dt').length >= 11", "all keys are there")
            await ada.choose("Done")
            await pressed("Control", "Shift", "l")
            await ada.says("You have left the call")
            figures[type(browser).__name__] = "all keys"
        await house.check()
        return figures


async def talking_is_pushing_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada", muted=True, steady=True), await house.come(chromium, "Ben", tone=880)
        await ada.hears(880)
        await ben.hears()
        held = asyncio.create_task(ada.page.press(" ", hold=4))
        await ben.hears(440)
        await held
        await ben.hears()
        await ada.holds("roost.call.wish.isMuted", "it is muted again")
        # A click leaves the space bar to talking; a button that was reached by keyboard has it for itself.
        box = await ada.page.eval("document.querySelector('[data-tool=hand]').getBoundingClientRect().toJSON()")
        await ada.page.point(box["x"] + 9, box["y"] + 9)
        await ada.holds("roost.call.wish.hand", "the hand is up")
        held = asyncio.create_task(ada.page.press(" ", hold=4))
        await ben.hears(440)
        await held
        await ben.hears()
        await ada.page.eval("(document.querySelector('[data-tool=hand]').focus(), 1)")
        await ada.page.press(" ")
        await ada.holds("!roost.call.wish.hand && roost.call.wish.isMuted", "the space bar pressed the button")
        await house.check()


async def each_person_has_a_loudness_of_their_own_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(chromium, "Ben", tone=880)
        eve = await house.come(chromium, "Eve", tone=1320)
        await ada.hears(880, 1320)
        await ada.menu_of(ben)
        await ada.page.eval("((one) => { one.value = 0.25; one.dispatchEvent(new Event('input', { bubbles: true })); })(document.querySelector('.menu input[type=range]'))")
        loud = "[...document.querySelectorAll('#ears audio')].map((one) => one.volume).sort().join()"
        await ada.holds(loud + " === '0.25,1'", "Ben is softer, Eve is not")
        await ben.tool("leave")
        await ben.says("You have left")
        await ben.click(".parting button.main")
        await ben.wait(".lobby .level:not([hidden])")
        await ben.enter()
        await ada.hears(880, 1320)
        await ada.holds(loud + " === '0.25,1'", "and is so when he comes again")
        await house.check()


async def a_device_that_goes_is_replaced_and_comes_back_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ben = await house.come(chromium, "Ben", tone=880)
        ada = await house.visit(chromium)
        await ada.plug(MIC, HEADSET, CAMERA, WEBCAM, SPEAKER, PHONES)
        await ada.go_to("Ada", "night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        choose = "((one) => { one.value = %s; one.dispatchEvent(new Event('change')); })(document.querySelector(%s))"
        for field, value in (("#device-mic", "head"), ("#device-speaker", "phones")):
            await ada.page.eval(choose % (json.dumps(value), json.dumps(field)))
        await ada.click(".preview-tools .tool:last-child")
        await ada.wait(".preview-video:not([hidden])")
        await ada.enter()
        await ben.hears(660)
        await ada.hears(880)
        await ada.holds("document.querySelector('#ears audio').dataset.sink === 'phones'", "the chosen speaker is used")
        # The menu has them all; another camera is a choice away.
        await ada.click('[aria-label="Choose camera"]')
        await ada.choose("Webcam")
        await ben.sees(GREEN)
        # Headset and headphones are pulled.
        await ada.plug(MIC, CAMERA, WEBCAM, SPEAKER)
        await ada.says("Microphone is now Desk microphone")
        await ada.says("Your speaker is gone")
        await ben.hears(440)
        await ada.holds("document.querySelector('#ears audio').dataset.sink === ''", "the system's speaker is used")
        # And plugged in again.
        await ada.plug(MIC, HEADSET, CAMERA, WEBCAM, SPEAKER, PHONES)
        await ada.says("Sound comes from Headphones")
        await ben.hears(660)
        await ada.holds("document.querySelector('#ears audio').dataset.sink === 'phones'", "the chosen speaker is used again")
        # The camera goes, then all of them.
        await ada.plug(MIC, HEADSET, CAMERA, SPEAKER, PHONES)
        await ada.says("Camera is now Lid camera")
        await ben.sees(RED)
        await ada.click('[aria-label="Choose camera"]')
        await ada.choose("Blur background")
        await ada.holds("roost.devices.get('camera').getSettings().backgroundBlur === true", "the background is blurred")
        await ada.plug(SPEAKER, PHONES)
        await ada.says("Your camera is gone")
        await ada.says("Your microphone is gone")
        await ben.sees()
        await ben.hears()
        await house.check()


async def a_call_rings_where_one_has_been_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.come(chromium, "Ada")
        await ada.tool("leave")
        await ada.click(".parting .quiet")
        await ada.wait(".channels")
        await ada.page.eval("P.hide()")
        before = await ada.page.eval("P.chimes")
        ben = await house.come(chromium, "Ben", tone=880)
        await ada.says("Ben has begun a call in night-owls")
        await ada.wait(".channel.live")
        assert await ada.page.eval("P.notified") == ["Ben has begun a call in night-owls"]
        await ada.holds("P.chimes > %d" % before, "it sounds")
        await ada.click(".notice.ring .round")
        await ada.holds("!document.querySelector('.notice')", "it can be sent away")
        await ben.tool("leave")
        await ada.holds("!document.querySelector('.channel.live')", "the call is over")
        await ben.click(".parting button.main")
        await ben.enter()
        await ada.wait(".notice.ring")
        await ben.tool("leave")
        await ada.holds("!document.querySelector('.notice')", "it rings no longer than the call lasts")
        await ben.click(".parting button.main")
        await ben.enter()
        await ada.click(".notice.ring .main")
        await ada.wait(".lobby")
        await ada.says("Ben is here")
        await ben.tool("leave")
        await ada.says("You will be the first")
        await house.check()


async def the_call_has_a_window_of_its_own(name="chromium"):
    async with House() as house:
        browser = await getattr(house, name)()
        ada, ben = await house.come(browser, "Ada"), await house.come(browser, "Ben", tone=880, camera=True, canvas=BLUE)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        await ada.page.eval("(globalThis.opened = null, ((real) => { window.open = (...all) => (globalThis.opened = real.apply(window, all)); })(window.open), "
                            "window.documentPictureInPicture?.addEventListener('enter', ({ window: one }) => (globalThis.opened = one)), 1)")
        await ada.tool("more")
        await ada.choose("Window of its own")
        await ada.holds("opened && opened.document.querySelector('.room')", "the call is there")
        await ada.says("The call is in its own window")
        await ada.holds("opened.getComputedStyle(opened.document.querySelector('.tile')).position === 'absolute'", "it has its looks")
        await ada.hears(880)
        await ada.page.eval("opened.document.querySelector('[data-tool=mic]').click()")
        await ben.hears()
        await ada.page.eval("opened.document.querySelector('[data-tool=mic]').click()")
        await ben.hears(440)
        await ada.holds("[...opened.document.querySelectorAll('.tile video')].some((one) => !one.hidden && one.currentTime > 0)", "pictures move there")
        await ada.page.eval("opened.document.querySelector('.bars').click()")
        await ada.holds("opened.document.querySelector('dialog[open]')", "dialogs are there, too")
        await ada.page.eval("(opened.document.querySelector('dialog[open]').close(), document.querySelector('.parting button').click(), 1)")
        await ada.wait(".room")
        await ada.sees(BLUE)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        # Who leaves in there is out of the call here.
        await ada.tool("more")
        await ada.choose("Window of its own")
        await ada.holds("opened && opened.document.querySelector('.room')", "the call is there again")
        await ada.page.eval("opened.document.querySelector('[data-tool=leave]').click()")
        await ada.holds("(opened.document.querySelector('.menu .menu-row')?.click(), P.text().includes('You have left the call'))", "it has left")
        await house.check()


async def the_call_has_a_window_of_its_own_in_firefox():
    await the_call_has_a_window_of_its_own("firefox")


async def another_language_is_spoken_in_the_middle_of_a_call():
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(chromium, "Ben", tone=880)
        eve = await house.come(chromium, "Eve", tone=1320)
        await ada.hears(880, 1320)
        await ada.page.viewport(1280, 800)
        await ada.tool("people")
        left = "document.querySelector('.panel').getBoundingClientRect().left"
        first = "document.querySelector('.tile').getBoundingClientRect().left"
        before = await ada.still("[%s, %s]" % (left, first))
        faults = []
        for tag, words, side in (("ar", "3 مشاركين", "rtl"), ("de", "3 Personen", "ltr"), ("en", "3 participants", "ltr")):
            await ada.tool("more")
            await ada.page.eval("[...document.querySelectorAll('.menu-row')].at(-1).click()")
            await ada.page.eval("((one) => { one.value = %s; one.dispatchEvent(new Event('change')); })(document.querySelector('#language'))" % json.dumps(tag))
            await ada.holds("document.documentElement.dir === %s && document.documentElement.lang === %s" % (json.dumps(side), json.dumps(tag)), tag)
            await ada.page.eval("document.querySelector('dialog footer button').click()")
            await ada.says(words)
            at = await ada.still("[%s, %s]" % (left, first))
            if side == "rtl":
                assert at[0] < 40 and at[1] > before[1] + 100, (before, at)
            else:
                assert at == before, (tag, before, at)
            faults += ["%s: %s" % (tag, fault) for fault in await ada.sound()]
        assert not faults, "\n".join(faults)
        await ada.hears(880, 1320)
        assert await eve.page.eval("roost.call.roster.size") == 3
        await house.check()


async def what_a_person_has_set_is_remembered_by_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.come(chromium, "Ada", muted=True, camera=True)
        await ada.tool("more")
        await ada.choose("Show the speaker large")
        await ada.tool("more")
        await ada.choose("Settings")
        for box in ("#sounds", "#mirror"):
            await ada.click(box)
        await ada.page.eval("((one) => { one.value = 'dark'; one.dispatchEvent(new Event('change')); })(document.querySelector('#theme'))")
        await ada.choose("Done")
        await ada.tool("leave")
        await ada.says("You have left")
        await ada.open("/night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        await ada.wait(".preview-video:not([hidden]):not(.mirrored)")
        await ada.wait(".preview-tools .tool.off:first-of-type")
        await ada.says("Joining as Ada")
        await ada.enter()
        assert await ada.page.eval("[document.documentElement.dataset.theme, roost.call.wish.isMuted, roost.call.hasCamera, JSON.parse(localStorage.roost).layout]") == ["dark", True, True, "speaker"]
        before = await ada.page.eval("P.chimes")
        ben = await house.come(chromium, "Ben", tone=880)
        await ada.says("Ben has joined")
        assert await ada.page.eval("P.chimes") == before, "sounds are off"
        await ben.holds("P.chimes > 0", "and on elsewhere")
        await ada.tool("more")
        await ada.choose("Full screen")
        await ada.holds("document.fullscreenElement", "it fills the screen")
        await house.check()


async def a_recording_is_told_to_all_on_the_page():
    """There is no recorder: the node's words are spoken to the page by the test."""
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(chromium, "Ben", tone=880)
        channel = await ada.page.eval("roost.call.channel")
        job = {"type": "recording", "init_at": 1, "start_at": 0, "end_at": 0, "err": ""}
        began = await ada.page.eval("Date.now()")
        for person in (ada, ben):
            await person.tell("call_job_state", callID=channel, jobState=job)
            await person.says("The recording is about to start")
            await person.tell("call_job_state", callID=channel, jobState={**job, "start_at": began})
            await person.wait(".badge.recording:not([hidden])")
        await ada.says("You are recording")
        await ben.says("By staying you consent")
        await ben.choose("All right")
        await ben.holds("!document.querySelector('[data-banner=consent]')", "the question is answered")
        # Whoever comes later is asked as well, once.
        state = {"id": "c", "channel_id": channel, "host_id": "x", "owner_id": "x", "start_at": began, "screen_sharing_session_id": "", "recording": {**job, "start_at": began},
                 "sessions": await ben.page.eval("roost.call.roster.all.map(({ session, user }) => ({ session_id: session, user_id: user, unmuted: true, raised_hand: 0, video: false }))")}
        eve = await house.come(chromium, "Eve", tone=1320)
        state["sessions"].append({"session_id": await eve.page.eval("roost.call.session"), "user_id": await eve.page.eval("roost.call.me"), "unmuted": True, "raised_hand": 0, "video": False})
        await eve.tell("call_state", channel_id=channel, call=json.dumps(state))
        await eve.says("By staying you consent")
        await eve.choose("Leave")
        await eve.says("You have left the call")
        await ben.tell("call_job_state", callID=channel, jobState={**job, "start_at": began, "end_at": began + 1})
        await ben.says("The recording has ended")
        await ben.holds("document.querySelector('.badge.recording').hidden", "the badge is gone")
        await ada.tell("call_job_state", callID=channel, jobState={**job, "start_at": began, "end_at": began + 1, "err": "the disk is full"})
        await ada.says("The recording has failed: the disk is full")
        await ada.holds("!document.querySelector('[data-banner=consent]')", "nobody is recorded any more")
        await house.check()


async def captions_are_lines_of_text_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(chromium, "Ben", tone=880)
        who = await ada.page.eval("((one) => ({ channel_id: roost.call.channel, user_id: one.user, session_id: one.session }))(roost.call.roster.all.find((one) => one.session !== roost.call.session))")
        await ada.holds("document.querySelector('.tiles').innerText.includes('Ben')", "who it is that speaks")
        await ada.tell("caption", **who, text="Good <b>morning</b> & all")
        await ada.holds("document.querySelector('.captions').innerText === 'Ben: Good <b>morning</b> & all'", "what Ben said")
        for i in range(5):
            await ada.tell("caption", **who, text="line %d" % i)
        await ada.holds("document.querySelectorAll('.captions p').length === 4", "four lines at once")
        await ada.holds("document.querySelectorAll('.captions p').length === 0", "and none for ever")
        await ada.tool("more")
        await ada.choose("Settings")
        await ada.click("#captions")
        await ada.choose("Done")
        await ada.tell("caption", **who, text="unseen")
        assert await ada.page.eval("document.querySelector('.captions').children.length") == 0
        await house.check()


async def participants_stand_in_the_order_in_which_they_matter():
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.come(chromium, "Ada")
        zoe, ben, eve = await house.come(chromium, "Zoe", tone=880), await house.come(chromium, "Ben", muted=True), await house.come(chromium, "Eve", muted=True)
        await ada.tool("people")

        async def stand(*rows):
            await ada.holds("[...document.querySelectorAll('.person')].map((one) => one.getAttribute('aria-label')).join(' | ') === %s" % json.dumps(" | ".join(rows)), rows)
        await stand("Ada, Host, Unmuted", "Zoe, Unmuted", "Ben, Muted", "Eve, Muted")
        await eve.tool("hand")
        await stand("Eve, Hand raised, number 1, Muted", "Ada, Host, Unmuted", "Zoe, Unmuted", "Ben, Muted")
        await ben.tool("hand")
        await zoe.page.eval("P.screen(0, '#20a020')")
        await zoe.tool("screen")
        await stand("Zoe, Unmuted, Sharing", "Eve, Hand raised, number 1, Muted", "Ben, Hand raised, number 2, Muted", "Ada, Host, Unmuted")
        await eve.tool("hand")
        await stand("Zoe, Unmuted, Sharing", "Ben, Hand raised, number 1, Muted", "Ada, Host, Unmuted", "Eve, Muted")
        # One click on a row's button, and the order of the host is done.
        await ada.menu_of(zoe)
        await ada.choose("Stop their sharing")
        await zoe.says("The host has stopped your sharing")
        await stand("Ben, Hand raised, number 1, Muted", "Ada, Host, Unmuted", "Zoe, Unmuted", "Eve, Muted")
        # Their tiles are read out in the order in which they stand.
        tiles = "[...document.querySelectorAll('.tile')]"
        shown = tiles + ".sort((a, b) => { const [p, q] = [a.getBoundingClientRect(), b.getBoundingClientRect()]; return p.top - q.top || p.left - q.left; })"
        await ada.still("%s.map((one) => one.style.transform).join()" % tiles)
        await ada.holds("%s.map((one) => one.dataset.tile).join() === %s.map((one) => one.dataset.tile).join()" % (tiles, shown), "tiles are in order")
        await house.check()


async def whoever_has_no_mouse_reaches_everything_on_the_page():
    """Tab goes through all controls, each of which shows that it has the focus; menus go by arrows; Escape gives the focus back."""
    every = "[...document.querySelectorAll('button, a[href], input, select')].filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.getClientRects().length > 0)"
    mark = ("(() => { const one = document.activeElement; const style = getComputedStyle(one); one.dataset.reached = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 ? 'seen' : 'unseen'; "
            "return one.tagName; })()")
    async with House() as house:
        figures = {}
        for browser in (await house.chromium(), await house.firefox()):
            ada = await house.visit(browser)

            async def walk(where):
                # From before the first: past the last one, the focus would be the browser's own.
                await ada.page.eval("(() => { const start = document.createElement('span'); start.tabIndex = 0; document.body.prepend(start); start.focus(); return 1; })()")
                for _ in range(40):
                    await ada.page.press("Tab")
                    await ada.page.eval(mark)
                    if await ada.page.eval("%s.every((one) => one.dataset.reached)" % every):
                        break
                missed = await ada.page.eval("%s.filter((one) => one.dataset.reached !== 'seen').map((one) => one.outerHTML.slice(0, 90) + ' ' + one.dataset.reached)" % every)
                assert not missed, (where, missed)
                await ada.page.eval("(document.body.firstElementChild.remove(), document.querySelectorAll('[data-reached]').forEach((one) => delete one.dataset.reached), 1)")
            await walk("home")
            await ada.go_to("Ada", "no-mouse-" + type(browser).__name__.lower())
            await ada.wait(".lobby .level:not([hidden])")
            await walk("lobby")
            await ada.enter()
            await ada.tool("people")
            await walk("call")
            await ada.page.eval("(document.querySelector('[data-tool=more]').focus(), 1)")
            await ada.page.press("Enter")
            await ada.wait(".menu")
            first = await ada.page.eval("document.activeElement.textContent")
            await ada.page.press("ArrowDown")
            assert first != await ada.page.eval("document.activeElement.textContent"), first
            await ada.page.press("ArrowUp")
            assert first == await ada.page.eval("document.activeElement.textContent"), first
            await ada.page.press("Escape")
            await ada.holds("!document.querySelector('.menu') && document.activeElement.dataset.tool === 'more'", "the focus is back")
            await ada.page.press("Enter")
            await ada.choose("Settings")
            await ada.page.press("Escape")
            await ada.holds("!document.querySelector('dialog')", "Escape closes dialogs")
            await ada.tool("leave")
            await ada.says("You have left the call")
            await walk("parting")
            figures[type(browser).__name__] = "all reached"
        await house.check()
        return figures


async def the_page_does_as_the_system_wishes():
    """Dark where the system is dark, unless a person has chosen; nothing moves for those who want no motion."""
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.visit(chromium)
        ground = "getComputedStyle(document.body).backgroundColor"

        async def system(scheme, motion="no-preference"):
            await ada.page.cdp("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}])
        await system("light")
        light = await ada.page.eval(ground)
        await system("dark")
        dark = await ada.page.eval(ground)
        assert light != dark and light.startswith("rgb(24") and dark.startswith("rgb(1"), (light, dark)
        await ada.click("[aria-label=Settings]")
        await ada.page.eval("((one) => { one.value = 'light'; one.dispatchEvent(new Event('change')); })(document.querySelector('#theme'))")
        await ada.choose("Done")
        assert light == await ada.page.eval(ground)
        await ada.go_to("Ada", "night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        await ada.enter()
        longest = "Math.max(...[...document.querySelectorAll('.tile, .tool, .menu, .notice')].flatMap((one) => { const style = getComputedStyle(one); return [style.transitionDuration, style.animationDuration]; }).flatMap((one) => one.split(',')).map(parseFloat))"
        assert await ada.page.eval(longest) >= 0.1
        await system("dark", "reduce")
        assert await ada.page.eval(longest) < 0.001
        await house.check()


async def pictures_find_their_places_on_wide_and_narrow_screens():
    async with House() as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada"), await house.come(chromium, "Ben", tone=880, camera=True, canvas=BLUE)
        eve = await house.come(chromium, "Eve", muted=True, camera=True, canvas=GREEN)
        await ada.sees(BLUE, GREEN)
        boxes = ("Object.fromEntries([...document.querySelectorAll('.tile')].map((one) => [one.querySelector('.tile-name').textContent, "
                 "(({ left, top, width, height }) => [left, top, width, height].map(Math.round))(one.getBoundingClientRect())]))")

        async def places(width, height):
            await ada.page.viewport(width, height)
            return await ada.still(boxes)

        def alike(tiles):
            return len({(w, h) for _, _, w, h in tiles.values()}) == 1

        def apart(tiles, width, height):
            """None lies over another, and all are within the window."""
            all = list(tiles.values())
            assert all and min(min(box) for box in all) >= 0 and max(x + w for x, _, w, _ in all) <= width and max(y + h for _, y, _, h in all) <= height, tiles
            for i, (x, y, w, h) in enumerate(all):
                assert not any(x < p + r and p < x + w and y < q + s and q < y + h for p, q, r, s in all[i + 1:]), tiles
            return tiles
        windows = ((1920, 1080), (1280, 800), (844, 390), (768, 1024), (390, 844), (320, 568))
        for window in windows:
            assert alike(apart(await places(*window), *window)), window
        await ada.page.viewport(1280, 800)
        # Whoever speaks is large; muted people are not.
        await ada.tool("more")
        await ada.choose("Show the speaker large")
        await ada.holds("document.querySelector('.tile.main .tile-name').textContent === 'Ben'", "Ben speaks")
        for window in windows:
            tiles = apart(await places(*window), *window)
            assert all(tiles["Ben"][2] * tiles["Ben"][3] > 1.8 * w * h for name, (_, _, w, h) in tiles.items() if name != "Ben"), tiles
            beside = tiles["Eve"][0] >= tiles["Ben"][0] + tiles["Ben"][2]
            assert beside == (window[0] > window[1]), (window, tiles)
        await ada.page.viewport(1280, 800)
        # Whoever is wanted large stays so, by the menu or by two clicks.
        await ada.menu_of(eve)
        await ada.choose("Show large")
        await ada.holds("document.querySelector('.tile.main .tile-name').textContent === 'Eve'", "Eve is wanted")
        await ada.page.eval("(document.querySelector('.tile.main').dispatchEvent(new MouseEvent('dblclick', { bubbles: true })), 1)")
        await ada.holds("document.querySelector('.tile.main .tile-name').textContent === 'Ben'", "Ben again")
        await ben.tool("camera")
        await ada.holds("document.querySelector('.tile.main .avatar').checkVisibility()", "a face for whoever has no picture")
        await house.check()


SCENARIOS = [
    keys_work_a_call_on_the_page, talking_is_pushing_on_the_page, each_person_has_a_loudness_of_their_own_on_the_page,
    a_device_that_goes_is_replaced_and_comes_back_on_the_page, a_call_rings_where_one_has_been_on_the_page,
    the_call_has_a_window_of_its_own, the_call_has_a_window_of_its_own_in_firefox, another_language_is_spoken_in_the_middle_of_a_call,
    what_a_person_has_set_is_remembered_by_the_page, a_recording_is_told_to_all_on_the_page, captions_are_lines_of_text_on_the_page,
    participants_stand_in_the_order_in_which_they_matter, whoever_has_no_mouse_reaches_everything_on_the_page, the_page_does_as_the_system_wishes,
    pictures_find_their_places_on_wide_and_narrow_screens,
]

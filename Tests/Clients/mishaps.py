"""Scenarios of what befalls people at the web client: bad networks, sleep, old browsers, doors that stay shut, nodes that are away."""
from __future__ import annotations

import asyncio
import json
import time

from house import SETTINGS, House
from node import own_address
from stage import BLUE, RED


async def come_by(house, browser, link, name="Ada", **media):
    """Into the call, with the link as the only way for media."""
    person = await house.visit(browser, **media)
    await person.page.eval("P.route(%s, %d)" % (json.dumps(link.address[0]), link.address[1]))
    await person.go_to(name, "night-owls")
    await person.wait(".lobby .level:not([hidden])")
    await person.enter()
    return person


async def a_bad_uplink_is_explained_on_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ben = await house.come(chromium, "Ben", tone=880)
        link = await house.link(3)
        ada = await come_by(house, chromium, link)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        await ada.holds("document.querySelector('.bars').dataset.bars === '4'", "all is well", 20)
        link.up.set(loss=12)
        await ada.says("Your uplink loses", 30)
        await ada.holds("document.querySelector('.bars').dataset.bars < 4", "the bars show it")
        await ada.click(".notice button")
        await ada.holds("/Your uplink loses \\d+ %: others hear you with gaps/.test(document.querySelector('dialog').innerText)", "it is explained")
        await ada.says("Move nearer to the Wi-Fi")
        share = await ada.page.eval("/Your uplink loses (\\d+)/.exec(document.querySelector('dialog').innerText)[1]")
        # Others are told whose connection it is.
        await ben.holds("[...document.querySelectorAll('.tile')].some((one) => one.getAttribute('aria-label').includes('Poor connection'))", "Ben sees it", 30)
        await ada.choose("Statistics")
        await ada.holds("/UDP (host|prflx) → [0-9.]+:%d/.test(document.querySelector('.overlay').innerText)" % link.address[1], "the path")
        await ada.holds("/Ben · Voice\\s+opus\\s+[1-9]/.test(document.querySelector('.overlay').innerText)", "Ben's voice")
        link.up.set(loss=0)
        await ada.holds("document.querySelector('.bars').dataset.bars === '4'", "all is well again", 30)
        await house.check()
        return {"12 % lost are shown as": share + " %"}


async def a_network_that_changes_is_followed_by_the_page():
    """The old one goes without a word; the system says that there is another."""
    async with House() as house:
        chromium, firefox = await house.chromium(), await house.firefox()
        ben = await house.come(chromium, "Ben", tone=880)
        figures = {}
        for browser in (chromium, firefox):
            one, two = await house.link(1), await house.link(2)
            ada = await come_by(house, browser, one)
            await asyncio.gather(ada.hears(880), ben.hears(440))
            session = await ada.page.eval("roost.call.session")
            one.close()
            await ada.page.eval("P.route(%s, %d)" % (json.dumps(two.address[0]), two.address[1]))
            await ada.holds("roost.call.phase === 'reconnecting'", "it is noticed", 25)
            began = time.monotonic()
            await ada.page.eval("(dispatchEvent(new Event('online')), 1)")
            await asyncio.gather(ada.hears(880), ben.hears(440))
            figures[type(browser).__name__ + " heard again after"] = "%.1f s" % (time.monotonic() - began)
            assert session == await ada.page.eval("roost.call.session"), "an ICE restart is enough"
            await ada.tool("leave")
            await ada.says("You have left the call")
        await house.check()
        return figures


async def a_page_that_slept_goes_on():
    """So long that the node has given it up; Firefox has no way to be put to sleep by a test."""
    async with House("[calls]\nreconnect_grace = \"3s\"\n" + SETTINGS) as house:
        chromium = await house.chromium()
        ada, ben = await house.come(chromium, "Ada", camera=True), await house.come(chromium, "Ben", tone=880)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        await ben.sees(RED)
        session = await ada.page.eval("roost.call.session")
        await ada.page.offline(True)
        await ada.page.eval("P.cut()")
        await ada.page.sleep(True)
        await ben.says("Ada has left")
        await ada.page.offline(False)
        await ada.page.sleep(False)
        began = time.monotonic()
        await ada.holds("roost.call.phase === 'connected'", "it is there again", 30)
        await asyncio.gather(ada.hears(880), ben.hears(440), ben.sees(RED))
        took = time.monotonic() - began
        assert session != await ada.page.eval("roost.call.session"), "the node had forgotten this one"
        chromium.errors[:] = [e for e in chromium.errors if "WebSocket" not in e and "ERR_INTERNET_DISCONNECTED" not in e]
        await house.check()
        return {"heard and seen again after": "%.1f s" % took}


async def without_https_one_can_listen_on_the_page():
    """By the machine's own address, which is not localhost, and so is no secure origin."""
    host = own_address()
    async with House("[identity]\ninsecure_dev = true\n" + SETTINGS, host=host) as house:
        trusting = await house.chromium(flags=["--unsafely-treat-insecure-origin-as-secure=" + house.node.url])
        ben = await house.come(trusting, "Ben", tone=880)
        figures = {}
        other = await house.chromium()
        for browser in (other, await house.firefox()):
            ada = await house.visit(browser)
            assert not await ada.page.eval("isSecureContext")
            await ada.go_to("Ada", "night-owls")
            await ada.says("Browsers open microphones only for pages that come by https")
            await ada.enter()
            await ada.hears(880)
            await ada.tool("mic")
            await ada.says("You can listen; to talk, ask for the https address")
            await ada.tool("camera")
            await ada.says("Browsers open cameras only for pages that come by https")
            await ada.holds("document.querySelector('[data-tool=screen]').disabled", "nothing can be shared")
            await ada.tool("more")
            await ada.choose("Copy link")
            await ada.holds("document.querySelector('dialog input').value === %s" % json.dumps(house.node.url + "/night-owls"), "the link can be copied by hand")
            await ada.choose("Done")
            await ada.tool("leave")
            await ada.says("You have left the call")
            figures[type(browser).__name__] = "listens"
        await ben.tool("leave")
        # Browsers say of such origins that they heed no headers about windows.
        trusting.errors[:] = [e for e in trusting.errors if "Cross-Origin-Opener-Policy" not in e]
        other.errors[:] = [e for e in other.errors if "Cross-Origin-Opener-Policy" not in e]
        await house.check()
        return figures


async def a_browser_that_lacks_something_is_told_what():
    async with House() as house:
        chromium = await house.chromium()
        for name, words in (("RTCPeerConnection", "It lacks WebRTC"), ("CompressionStream", "It lacks CompressionStream"), ("HTMLDialogElement", "It lacks dialog")):
            page = await chromium.page()
            await page.before("delete globalThis.%s" % name)
            await page.goto(house.node.url + "/")
            text = await page.eval("document.body.innerText")
            assert words in text and "A current Firefox, Chrome, Edge or Safari will do" in text, (name, text)
        # Less than that costs one thing, not the call.
        ada = await house.visit(chromium)
        await ada.page.before("delete MediaDevices.prototype.getDisplayMedia; delete HTMLMediaElement.prototype.setSinkId; delete globalThis.Notification; "
                              "Object.defineProperty(globalThis, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })")
        await ada.open("/")
        await ada.go_to("Ada", "night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        await ada.enter()
        ben = await house.come(chromium, "Ben", tone=880)
        await asyncio.gather(ada.hears(880), ben.hears(440))
        await ada.holds("document.querySelector('[data-tool=screen]').disabled", "nothing can be shared")
        await ada.tool("more")
        await ada.choose("Settings")
        await ada.says("Notifications are blocked by the browser")
        await house.check()


async def doors_that_stay_shut_have_words_on_the_page():
    async with House("[calls]\ndefault_enabled = false\n" + SETTINGS) as house:
        chromium = await house.chromium()
        ada = await house.visit(chromium)
        await ada.go_to("Ada", "night-owls")
        await ada.click(".lobby form button.main")
        await ada.says("You could not join")
        await ada.holds("P.button('Join again') && P.button('To the channels')", "there are ways on")
        await house.check()
    async with House() as house:
        chromium = await house.chromium()
        admin = await house.come(chromium, "admin")
        await admin.page.eval("P.catchClipboard()")
        await admin.tool("more")
        await admin.choose("Copy a guest link")
        await admin.holds("P.copied", "the link is copied")
        guest = await house.visit(chromium, (await admin.page.eval("P.copied"))[len(house.node.url):])
        guest.name = "Zoe"
        await guest.type("#name", "Zoe")
        await guest.enter()
        await guest.tool("leave")
        await guest.says("You have left the call")
        await guest.open("/somewhere-else")
        await guest.says("You may not enter this channel")
        chromium.errors[:] = [e for e in chromium.errors if "403" not in e]
        await house.check()


async def a_node_that_is_away_is_waited_for_by_the_page():
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.visit(chromium)
        await ada.go_to("Ada", "night-owls")
        await ada.click(".brand")
        await ada.says("night-owls")
        ben = await house.visit(chromium)
        await ben.go_to("Ben", "night-owls")
        await ben.wait(".lobby .level:not([hidden])")
        house.node.process.terminate()
        await house.node.process.wait()
        for person in (ada, ben):
            await person.says("The server can't be reached")
        await ben.click(".lobby form button.main")
        await ben.says("The server can't be reached")
        await ben.holds("!document.querySelector('.lobby form button.main').disabled", "one can try again")
        await house.node.start()
        for person in (ada, ben):
            await person.holds("!P.text().includes(\"The server can't be reached\")", "it is there again", 40)
        await ben.enter()
        await ada.wait(".channel.live", 40)
        chromium.errors[:] = [e for e in chromium.errors if "ERR_CONNECTION" not in e and "WebSocket" not in e]
        await house.check()


SCENARIOS = [
    a_bad_uplink_is_explained_on_the_page, a_network_that_changes_is_followed_by_the_page, a_page_that_slept_goes_on,
    without_https_one_can_listen_on_the_page, a_browser_that_lacks_something_is_told_what, doors_that_stay_shut_have_words_on_the_page,
    a_node_that_is_away_is_waited_for_by_the_page,
]

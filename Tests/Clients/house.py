"""A node, and people at its web client: what they click, what they see and hear, in real browsers.

    async with House() as house:
        ada = await house.come(await house.chromium(), "Ada")
        await ada.tool("hand")
"""
from __future__ import annotations

import asyncio
import json
from pathlib import Path

from stage import RED, Stage, near, rgb, until

PROBE = (Path(__file__).parent / "probe.js").read_text()
SETTINGS = "[websocket]\nburst = 1000\nmessages_per_second = 200\n[limits]\nrequests_per_second = 100\nrequest_burst = 500\n"


class House(Stage):
    """A node, and people who come to its page."""

    def __init__(self, sections: str = SETTINGS, **node):
        super().__init__(sections=sections, **node)
        self.people: list[Person] = []

    async def visit(self, browser, path="/", **media) -> "Person":
        person = Person(self, browser, await browser.page())
        await person.open(path, **media)
        self.people.append(person)
        return person

    async def come(self, browser, name: str, channel="night-owls", tone=440, canvas=RED, camera=False, muted=False, steady=False) -> "Person":
        """Goes the way that people go: the front page, a name, a channel, the lobby, the call."""
        person = await self.visit(browser, tone=tone, canvas=canvas, steady=steady)
        await person.go_to(name, channel)
        await person.wait(".lobby .level:not([hidden])")
        if camera:
            await person.click(".preview-tools .tool:last-child")
            await person.wait(".preview-video:not([hidden])")
        if muted:
            await person.click(".preview-tools .tool")
        await person.enter()
        return person

    def clean(self):
        """Nobody's console has an error in it."""
        for person in self.people:
            assert not person.browser_errors(), person.browser_errors()

    async def check(self):
        for person in self.people:
            errors = await person.page.eval("P.errors")
            assert not errors, errors
        self.clean()


class Person:
    def __init__(self, house: House, browser, page):
        self.house, self.browser, self.page, self.name = house, browser, page, ""

    def browser_errors(self) -> list:
        return getattr(self.browser, "errors", [])

    async def open(self, path="/", tone=440, canvas=RED, steady=False):
        await self.page.goto(self.house.node.url + path)
        await self.page.eval(PROBE + "(%s)" % json.dumps({"tone": tone, "canvas": canvas, "steady": steady}))
        await self.wait("#app > :not(.late)")

    async def go_to(self, name: str, channel: str):
        self.name = name
        await self.type("#name", name)
        await self.type("#channel", channel)
        await self.click(".start button")
        await self.wait(".lobby")

    async def enter(self):
        await self.click(".lobby form button.main")
        await self.wait(".room")
        await self.holds("roost.call.phase === 'connected' && roost.call.mine != null", "%s is in the call" % self.name)

    async def click(self, selector: str):
        await self.wait(selector)
        await self.page.eval("document.querySelector(%s).click()" % json.dumps(selector))

    async def tool(self, name: str):
        await self.click('.controls [data-tool="%s"]' % name)

    async def choose(self, text: str):
        """An entry of the menu, or a button of the dialog, that is open."""
        await self.holds("P.button(%s)" % json.dumps(text), "there is %r to choose" % text)
        await self.page.eval("(P.button(%s).click(), 1)" % json.dumps(text))

    async def type(self, selector: str, text: str):
        await self.wait(selector)
        await self.page.eval("P.type(%s, %s)" % (json.dumps(selector), json.dumps(text)))

    async def wait(self, selector: str, timeout: float = 15):
        await self.holds("document.querySelector(%s) != null" % json.dumps(selector), "there is %s" % selector, timeout)

    async def holds(self, expression: str, what: str, timeout: float = 15):
        try:
            return await until(lambda: self.page.eval("!!(%s)" % expression), "%s: %s" % (self.name, what), timeout, 0.05)
        except TimeoutError as e:
            raise TimeoutError("%s; the page says: %s" % (e, await self.page.eval("document.body.innerText.slice(0, 600)"))) from e

    async def still(self, expression: str):
        """Its value as soon as that has not changed for a while: where something is that was just moving."""
        last = [None, None]

        async def same():
            last[:] = [await self.page.eval(expression), last[0]]
            return last[0] == last[1]
        await until(same, "%s: %s stands still" % (self.name, expression), 10, 0.4)
        return last[0]

    async def says(self, text: str, timeout: float = 15):
        await self.holds("P.text().includes(%s)" % json.dumps(text), "the page says %r" % text, timeout)

    async def hears(self, *tones: int, timeout: float = 20):
        async def heard():
            got = sorted(t for t in await self.page.eval("P.heard()") if t)
            return len(got) == len(tones) and all(abs(a - b) < 12 for a, b in zip(got, sorted(tones)))
        try:
            await until(heard, "%s hears %s" % (self.name, tones), timeout, 0.1)
        except TimeoutError as e:
            raise TimeoutError("%s, but %s" % (e, await self.page.eval("P.heard()"))) from e

    async def sees(self, *canvases, timeout: float = 20):
        """In tiles other than one's own."""
        async def seen():
            got = await self.page.eval("P.seen()")
            return all(any(near(g, rgb(c)) for g in got) for c in canvases) and len(got) == len(canvases)
        try:
            await until(seen, "%s sees %s" % (self.name, canvases), timeout, 0.1)
        except TimeoutError as e:
            raise TimeoutError("%s, but %s" % (e, await self.page.eval("P.seen()"))) from e

    async def menu_of(self, other: "Person"):
        if await self.page.eval("document.querySelector('.panel').hidden"):
            await self.tool("people")
        session = await other.page.eval("roost.call.session")
        await self.click('.person[data-session="%s"] button' % session)

    async def plug(self, *devices: dict):
        """These devices are there from now on, and no others."""
        await self.page.eval("P.plug(%s)" % json.dumps(devices))

    async def tell(self, event: str, **data):
        """As if the node had said so."""
        await self.page.eval("P.tell(%s, %s)" % (json.dumps(event), json.dumps(data)))

    async def sound(self) -> list:
        """What is wrong with the page for those who see or hear badly, or have no mouse."""
        return await self.page.eval("P.faults()")

"""Pictures of the web client's main states, wide and narrow, to be looked at after a change.

    python3 shots.py FOLDER
"""
from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from house import House


async def shots(folder: Path):
    folder.mkdir(parents=True, exist_ok=True)
    async with House() as house:
        chromium = await house.chromium()
        ada = await house.visit(chromium, canvas={"color": "#365f6b"})

        async def shoot(name):
            await ada.page.screenshot(folder / (name + "-wide.png"), 1280, 800)
            await ada.page.screenshot(folder / (name + "-narrow.png"), 390, 844, mobile=True)
            await ada.page.viewport(1280, 800)
        await shoot("1-home")
        await ada.type("#name", "Ada Lovelace")
        others = [await house.come(chromium, name, tone=500 + 90 * i, canvas={"color": colour}, camera=camera, muted=muted)
                  for i, (name, colour, camera, muted) in enumerate([
                      ("Ben Okri", "#7a4b2a", True, False), ("Eve", "#2a4f7a", False, True), ("Søren Ångström-Kjærgaard", "#4d2a7a", True, True), ("李小龍", "#2a7a4b", False, True)])]
        await ada.go_to("Ada Lovelace", "night-owls")
        await ada.wait(".lobby .level:not([hidden])")
        await ada.click(".preview-tools .tool:last-child")
        await ada.wait(".preview-video:not([hidden])")
        await asyncio.sleep(0.5)
        await shoot("2-lobby")
        await ada.click(".brand")
        await ada.wait(".channel.live")
        await asyncio.sleep(0.5)
        await shoot("3-channels")
        await ada.click(".channel.live")
        await ada.wait(".lobby .level:not([hidden])")
        await shoot("4-lobby-known")
        await ada.enter()
        await others[1].tool("hand")
        await others[2].tool("hand")
        await others[0].tool("react")
        await others[0].click(".menu button.emoji")
        await asyncio.sleep(1.5)
        await shoot("5-call")
        await ada.tool("people")
        await shoot("6-people")
        await ada.tool("people")
        await ada.tool("more")
        await shoot("7-more")
        await ada.tool("more")
        await ada.tool("react")
        await ada.click(".emojis > .emoji:last-child")
        await shoot("8-reactions")
        await ada.tool("react")
        await others[0].page.eval("P.screen(0, '#e8e4da')")
        await others[0].tool("screen")
        await ada.wait(".tile.main.screen")
        await asyncio.sleep(1.5)
        await shoot("9-screen")
        await ada.click(".bars")
        await asyncio.sleep(4)
        await shoot("10-quality")
        await ada.choose("Statistics")
        await asyncio.sleep(2)
        await shoot("11-statistics")
        await ada.click(".overlay header button")
        await ada.page.eval("document.documentElement.dataset.theme = 'dark'")
        await shoot("12-dark")
        await ada.page.eval("P.cut()")
        await ada.page.eval("roost.call.constructor.name")
        await ada.tool("more")
        await ada.choose("Settings")
        await shoot("13-settings")
        await ada.choose("Done")
        await ada.tool("leave")
        await ada.says("You have left")
        await shoot("14-left")
        print("\n".join(str(e) for e in chromium.errors))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("python3 shots.py FOLDER")
    asyncio.run(shots(Path(sys.argv[1])))

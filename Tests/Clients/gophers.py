"""Scenarios with gopher/, a client in Go with the stack and the strictness of the protocol's own load tool and bots."""
from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path

from meetings import CHANNEL, Meeting

SOURCE = Path(__file__).resolve().parent / "gopher"


class Burrow:
    """Where the client is built, once a scenario: from Debian's packages of its libraries, so that nothing is fetched."""

    def __init__(self, stage: Meeting):
        folder = tempfile.TemporaryDirectory(prefix="gopher-")
        stage.callback(folder.cleanup)
        self.binary, self.url = folder.name + "/gopher", stage.node.url

    async def dig(self) -> "Burrow":
        env = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": os.environ.get("GOCACHE", "/tmp/gopher-cache")}
        go = await asyncio.create_subprocess_exec("go", "build", "-o", self.binary, ".", cwd=SOURCE, env=env)
        assert await go.wait() == 0, "gopher does not build; install the group gophers of cluster/packages.txt"
        return self

    async def run(self, name: str, *words: str, seconds: float = 5) -> dict:
        """What it reports once it has left, without complaint."""
        argv = [self.binary, "-url", self.url, "-name", name, "-channel", CHANNEL, "-seconds", str(seconds), *words]
        pipe = asyncio.subprocess.PIPE
        gopher = await asyncio.create_subprocess_exec(*argv, stdout=pipe, stderr=pipe, stdin=asyncio.subprocess.DEVNULL)
        out, err = await asyncio.wait_for(gopher.communicate(), 60)
        assert gopher.returncode == 0 and out, err.decode()[-2000:]
        report = json.loads(out)
        assert not report["faults"], (name, report)
        assert report["pongs"] and report["session"], (name, report)
        return report


async def go_clients_talk_share_and_reconnect_over_either_transport():
    async with Meeting() as stage:
        burrow = await Burrow(stage).dig()
        ada, ben, cy, dee = await asyncio.gather(
            burrow.run("ada", "-speak", seconds=8), burrow.run("ben", "-speak", "-screen", "-simulcast", seconds=8),
            burrow.run("cy", "-speak", "-dc", seconds=8), burrow.run("dee", "-cut", seconds=10))
        for report, speakers in ((ada, (ben, cy)), (ben, (ada, cy)), (cy, (ada, ben)), (dee, (ada, ben, cy))):
            assert all(report["senders"].get(s["session"]) for s in speakers), report
            assert report["packets"]["voice"] > 50 * len(speakers), report
        for report in (ada, cy, dee):
            assert report["packets"]["screen"] > 20, report
        assert dee["events"]["hello"] == 2 and dee["events"]["call_state"] == 2, dee
        return {"voice": dee["packets"]["voice"], "screen": dee["packets"]["screen"]}


async def a_go_client_and_a_browser_hear_each_other():
    async with Meeting() as stage:
        burrow = await Burrow(stage).dig()
        eve = await stage.come(await stage.chromium(), "eve")
        fay = asyncio.create_task(burrow.run("fay", "-speak", "-screen", seconds=8))
        await eve.unmute(tone=440)
        await eve.hear("user_screen_on", timeout=20)
        report = await fay
        assert report["packets"]["voice"] > 50 and report["senders"] == {eve.original: True}, report
        return {"voice": report["packets"]["voice"]}


SCENARIOS = [
    go_clients_talk_share_and_reconnect_over_either_transport,
    a_go_client_and_a_browser_hear_each_other,
]

"""Scenarios of a cluster: Redis, three nodes and HAProxy by cluster/haproxy/haproxy.cfg, and people who talk while nodes die and go.

What is measured is told as `figure NAME VALUE UNIT LIMIT ok|short`.
"""
from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import shutil
import signal
import tempfile
import time
from pathlib import Path

from aiortc_client import Peer as AioPeer
from caller import Caller
from node import ROOT, Node, free_port
from house import House, Person
from stage import BLUE, hears, until

CHANNEL = "night0owls0of0the0north000"
SECTIONS = """[node]
name = "%(name)s"
threads = 1
[websocket]
burst = 1000
messages_per_second = 200
[limits]
requests_per_second = 100
request_burst = 500
[redis]
url = "redis://127.0.0.1:%(redis)d/0"
[cluster]
listen = "127.0.0.1:%(links)d"
secret = "%(secret)s"
drain_timeout = "10s"
%(more)s
"""


class Cluster:
    """Some nodes that are one backend behind one address. more: lines for each node's settings, beginning in [cluster]."""

    def __init__(self, count: int = 3, more: str = ""):
        self.count, self.more = count, more
        self.nodes: list[Node] = []

    async def __aenter__(self) -> "Cluster":
        self.folder = Path(tempfile.mkdtemp(prefix="roost-cluster-"))
        self.stack = contextlib.AsyncExitStack()
        self.programs = []
        try:
            await self._begin()
        except BaseException:
            await self.__aexit__(None, None, None)
            raise
        return self

    async def _begin(self):
        redis, secret = free_port(), secrets.token_hex(32)
        await self._run("redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--appendonly", "no", "--dir", str(self.folder))
        await _answers(redis)
        for number in range(1, self.count + 1):
            words = {"name": "node-%d" % number, "redis": redis, "links": free_port(), "secret": secret, "more": self.more}
            node = Node(sections=SECTIONS % words, http={"trusted_proxies": ["127.0.0.1"], "shutdown_grace": "1s"}, media={"threads": 1})
            self.nodes.append(await self.stack.enter_async_context(node))
        port = free_port()
        self.url = "http://127.0.0.1:%d" % port
        text = (ROOT / "cluster/haproxy/haproxy.cfg").read_text()
        text = re.sub(r"^    server .*\n", "", text, flags=re.M).replace("    bind :8065\n", "    bind 127.0.0.1:%d\n" % port, 1)
        servers = ["    server node-%d 127.0.0.1:%d\n" % (n, node.port) for n, node in enumerate(self.nodes, 1)]
        config = self.folder / "haproxy.cfg"
        config.write_text(text + "".join(servers))
        await self.whole()
        await self._run(shutil.which("haproxy") or "/usr/sbin/haproxy", "-db", "-f", str(config))
        await _answers(port)

    async def _run(self, *argv):
        with open(self.folder / ("%s.log" % Path(argv[0]).name), "ab") as out:
            self.programs.append(await asyncio.create_subprocess_exec(*argv, stdout=out, stderr=out, stdin=asyncio.subprocess.DEVNULL))

    async def __aexit__(self, kind, value, trace):
        if kind is not None:
            for node in self.nodes:
                with contextlib.suppress(OSError):
                    print("---- %s ----\n%s" % (node.folder, node.log.read_text()[-4000:]))
        await self.stack.aclose()
        for program in reversed(self.programs):
            if program.returncode is None:
                program.terminate()
                await program.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def whole(self):
        """Until every node is ready and has a link to each other one."""
        async def is_whole():
            links = await asyncio.gather(*(figure(n, "roost_cluster_links") for n in self.nodes))
            ready = await asyncio.gather(*(_status(n.port, "/readyz") for n in self.nodes))
            return all(v == self.count - 1 for v in links) and all(s == 200 for s in ready)
        await until(is_whole, "the nodes find each other", 20)

    async def host(self) -> Node:
        """The node that has the one call there is."""
        async def find():
            for node in self.nodes:
                if node.process.returncode is None and await calls_of(node) == 1:
                    return node
        return await until(find, "a node has the call", 10, 0.05)

    async def bring_back(self, node: Node):
        """Starts a node again that has ended, and waits until HAProxy sends people there."""
        await node.process.wait()
        await node.start()
        await self.whole()
        await asyncio.sleep(2.5)


async def _answers(port: int):
    async def answers():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return True
        except OSError:
            return False
    await until(answers, "port %d answers" % port, 10, 0.05)


async def _get(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode())
    text = (await reader.read()).decode()
    writer.close()
    return text


async def _status(port: int, path: str) -> int:
    return int((await _get(port, path)).split(" ", 2)[1])


async def figure(node: Node, name: str) -> float:
    found = re.search("^%s (\\S+)" % re.escape(name), await _get(node.metrics_port, "/metrics"), re.M)
    return float(found[1]) if found else 0


async def calls_of(node: Node) -> float:
    return await figure(node, 'mattermost_plugin_calls_aggregate_stats{stat="total_active_calls"}')


async def sockets_of(node: Node) -> float:
    return await figure(node, "roost_websocket_connections")


def tell(name: str, value: float, unit: str, limit: float):
    print("figure %s %g %s %g %s" % (name, value, unit, limit, "ok" if value <= limit else "short"), flush=True)


def share(values: list, part: float) -> float:
    """Of these values, that below which this part of them is."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


class Town(House):
    """A cluster, and people who come to its page by HAProxy."""

    def __init__(self, **cluster):
        super().__init__()
        self.node = self.cluster = Cluster(**cluster)


async def talk(*pairs: tuple[Person, int]):
    await asyncio.gather(*(person.hears(tone) for person, tone in pairs))


async def gaps(pairs, act) -> list[int]:
    """The longest silence that each has from an act until all hear again, in milliseconds."""
    for person, tone in pairs:
        await person.page.eval("P.listen(%d)" % tone)
    await asyncio.sleep(0.3)
    await act()
    await asyncio.sleep(0.1)

    async def all_hear():
        heard = [await person.page.eval("P.listened()") for person, _ in pairs]
        return all(h["now"] < 100 for h in heard)
    # Whoever still hears has perhaps not yet lost anything.
    await asyncio.sleep(3.5)
    await until(all_hear, "all hear each other again", 20, 0.05)
    found = [await person.page.eval("P.listened()") for person, _ in pairs]
    for (person, _), heard in zip(pairs, found):
        if heard["gap"] > 400:
            told = await person.page.eval("P.told")
            start = max(i for i, line in enumerate(told) if " listens for" in line)
            print("%s heard nothing for %d ms:" % (person.name, heard["gap"]), *told[start:], sep="\n    ", flush=True)
    for (person, _), heard in zip(pairs, found):
        assert not heard["asked"], "%s was asked: %s" % (person.name, heard["asked"])
        assert set(heard["phases"]) <= {"connected", "reconnecting"}, (person.name, heard["phases"])
    return [heard["gap"] for heard in found]


async def people_on_different_nodes_talk_through_the_page():
    async with Town() as town:
        chromium, firefox = await town.chromium(), await town.firefox()
        ada = await town.come(chromium, "Ada")
        ben = await town.come(chromium, "Ben", tone=880, canvas=BLUE)
        eve = await town.come(firefox, "Eve", tone=1320)
        spread = [await sockets_of(n) for n in town.cluster.nodes]
        assert spread == [1, 1, 1], spread
        assert sum([await calls_of(n) for n in town.cluster.nodes]) == 1
        await asyncio.gather(ada.hears(880, 1320), ben.hears(440, 1320), eve.hears(440, 880))
        await ben.tool("hand")
        for person in (ada, eve):
            await person.holds("roost.call.roster.hands.length === 1", "a hand is up")
        await ben.tool("camera")
        await asyncio.gather(ada.sees(BLUE), eve.sees(BLUE))
        # Their websockets go to other nodes while they talk.
        for _ in range(3):
            found = await gaps([(ada, 880)], lambda: ada.page.eval("P.cut()"))
            assert found[0] < 400, found
        await asyncio.gather(ada.hears(880, 1320), ben.hears(440, 1320), eve.hears(440, 880))
        # The host mutes by any node.
        await ada.menu_of(ben)
        await ada.choose("Mute")
        await ben.says("The host has muted you")
        await eve.hears(440)
        await town.check()


async def a_call_goes_on_when_its_node_is_killed():
    async with Town() as town:
        chromium = await town.chromium()
        ada = await town.come(chromium, "Ada", steady=True)
        ben = await town.come(chromium, "Ben", tone=880, steady=True)
        pairs = [(ada, 880), (ben, 440)]
        await talk(*pairs)
        sessions = [await p.page.eval("roost.call.session") for p, _ in pairs]
        silences, cut = [], 0
        for _ in range(5):
            host = await town.cluster.host()
            cut += await sockets_of(host)

            async def kill():
                host.process.kill()
            silences += await gaps(pairs, kill)
            await talk(*pairs)
            await town.cluster.bring_back(host)
        again = [await p.page.eval("roost.call.session") for p, _ in pairs]
        tell("cluster_kill_hears_again_p50", share(silences, 0.5), "ms", 800)
        tell("cluster_kill_hears_again_p95", share(silences, 0.95), "ms", 1500)
        assert sessions == again, "somebody had to join anew: %s, then %s" % (sessions, again)
        for person in (ada, ben):
            await person.holds("document.querySelectorAll('.tile').length === 2", "two tiles")
        return {"silences in ms": sorted(silences), "websockets that died too": int(cut)}


async def a_call_moves_when_its_node_is_told_to_end():
    async with Town() as town:
        chromium = await town.chromium()
        ada = await town.come(chromium, "Ada", steady=True)
        ben = await town.come(chromium, "Ben", tone=880, steady=True)
        pairs = [(ada, 880), (ben, 440)]
        await talk(*pairs)
        sessions = [await p.page.eval("roost.call.session") for p, _ in pairs]
        silences = []
        for _ in range(4):
            host = await town.cluster.host()

            async def end():
                host.process.send_signal(signal.SIGTERM)
            silences += await gaps(pairs, end)
            assert await asyncio.wait_for(host.process.wait(), 20) == 0
            await talk(*pairs)
            await town.cluster.bring_back(host)
        again = [await p.page.eval("roost.call.session") for p, _ in pairs]
        assert sessions == again, "somebody had to join anew: %s, then %s" % (sessions, again)
        tell("cluster_drain_silence_p50", share(silences, 0.5), "ms", 100)
        tell("cluster_drain_silence_max", max(silences), "ms", 400)
        for person in (ada, ben):
            text = await person.page.eval("P.text()")
            assert "The call is over" not in text and "has left" not in text, text
        return {"silences in ms": sorted(silences)}


async def stock_clients_join_again_when_the_node_of_their_call_is_killed():
    """By aiortc, knowing nothing of `call_rehost`: an `error` names their connection, and they join anew."""
    async with Town() as town:
        async def come(name: str, tone: int) -> Caller:
            peer = AioPeer()
            town.push_async_callback(peer.close)
            caller = Caller(town.cluster.url, name, CHANNEL, peer)
            await town.enter_async_context(caller)
            await caller.ready()
            await caller.unmute(tone=tone)
            return caller
        ada, ben = await come("ada", 440), await come("ben", 880)
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        host = await town.cluster.host()
        edge = [n for n in town.cluster.nodes if n is not host and await sockets_of(n) > 0]
        began = time.monotonic()
        host.process.kill()

        async def again(caller: Caller, tone: int) -> Caller:
            """What such a client does: told of it or cut off, it joins."""
            async def is_out():
                told = any(e.get("connID") == caller.connection for e in caller.heard("error"))
                return told or caller.socket.state.name != "OPEN"
            await until(is_out, "%s learns that the call's node is gone" % caller.name, 10, 0.02)
            return await come(caller.name, tone)
        ada, ben = await asyncio.gather(again(ada, 440), again(ben, 880))
        await asyncio.gather(hears(ada, 880), hears(ben, 440))
        took = time.monotonic() - began
        tell("cluster_kill_stock_clients_hear_again", round(took * 1000), "ms", 5000)
        state = await ben.state()
        assert len(state["sessions"]) <= 3, state
        return {"websockets on other nodes": len(edge), "heard again after": "%.1f s" % took}


SCENARIOS = [
    people_on_different_nodes_talk_through_the_page,
    a_call_goes_on_when_its_node_is_killed,
    a_call_moves_when_its_node_is_told_to_end,
    stock_clients_join_again_when_the_node_of_their_call_is_killed,
]

"""A node of our own for a test: free ports, a throw-away store, the test door open, its log kept."""
from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port(kind=socket.SOCK_STREAM, host="127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind((host, 0))
        return s.getsockname()[1]


def own_address() -> str:
    """The machine's own address that is not loopback: some stacks refuse loopback candidates. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.connect(("192.0.2.1", 9))
        return s.getsockname()[0]


class Node:
    """binary: a built roost; media and http: settings of those sections; sections: others, whole; host: where it listens."""

    def __init__(self, binary=None, media: dict | None = None, sections: str = "", cpu: int | None = None, http: dict | None = None, host: str = "127.0.0.1"):
        build = os.environ.get("ROOST_BINARY", str(ROOT / ".build/release/roost"))
        self.binary, self.media, self.sections, self.cpu = binary or build, media or {}, sections, cpu
        self.http, self.host = http or {}, host

    async def __aenter__(self) -> "Node":
        self.folder = Path(tempfile.mkdtemp(prefix="roost-node-"))
        self.port, self.media_port, self.metrics_port = free_port(host=self.host), free_port(socket.SOCK_DGRAM), free_port()
        self.url = "http://%s:%d" % (self.host, self.port)
        media = {"udp_port": self.media_port, "tcp_port": self.media_port, "test_door": True, **self.media}
        lines = ["[http]", 'listen = ["%s:%d"]' % (self.host, self.port), "max_connections_per_address = 5000",
                 *("%s = %s" % (k, _toml(v)) for k, v in self.http.items()), "[metrics]", 'listen = ["127.0.0.1:%d"]' % self.metrics_port,
                 "[store]", 'path = "%s"' % (self.folder / "roost.db"), "[media]",
                 *("%s = %s" % (k, _toml(v)) for k, v in media.items()), self.sections]
        (self.folder / "roost.toml").write_text("\n".join(lines) + "\n")
        self.log = self.folder / "roost.log"
        try:
            await self.start()
        except BaseException:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    async def start(self):
        """Also again, after it has ended: with the same ports and folder."""
        argv = [self.binary, "serve", "--config", str(self.folder / "roost.toml")]
        if self.cpu is not None:
            argv = ["taskset", "-c", str(self.cpu), *argv]
        # Variables of that name are settings to it, and the test's own are none.
        env = {k: v for k, v in os.environ.items() if not k.startswith("ROOST_")}
        with open(self.log, "ab") as out:
            self.process = await asyncio.create_subprocess_exec(*argv, stdout=out, stderr=out, stdin=asyncio.subprocess.DEVNULL, env=env)
        for _ in range(200):
            if self.process.returncode is not None:
                raise RuntimeError("the node ended at once:\n" + self.log.read_text())
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
                writer.close()
                return
            except OSError:
                await asyncio.sleep(0.05)
        raise RuntimeError("the node does not answer:\n" + self.log.read_text())

    async def __aexit__(self, kind, *_):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 15)
            except asyncio.TimeoutError:
                self.process.kill()
                await self.process.wait()
        if keep := os.environ.get("ROOST_KEEP_LOG"):
            shutil.copy(self.log, keep)
        if kind is not None:
            print("---- the node's log ----\n" + self.log.read_text()[-6000:])
        shutil.rmtree(self.folder, ignore_errors=True)

    async def figures(self, *names: str) -> dict:
        """What the node counts, by the names after roost_media_ and before _total."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.metrics_port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        return {n: int(float(re.search(r"^roost_media_%s_total (\S+)" % n, text, re.M)[1])) for n in names}

    def cpu_seconds(self) -> float:
        f = Path("/proc/%d/stat" % self._pid()).read_text().rsplit(")", 1)[1].split()
        return (int(f[11]) + int(f[12])) / os.sysconf("SC_CLK_TCK")

    def resident_kib(self) -> int:
        for line in Path("/proc/%d/status" % self._pid()).read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise RuntimeError("no VmRSS")

    def _pid(self) -> int:
        return self.process.pid


def _toml(value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return str(value) if isinstance(value, int) else '"%s"' % value

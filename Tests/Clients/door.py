"""Roost's test door (docs/TESTING.md) as a signaling: a guest sends what its peer offers, and gets what others send.

    async with Guest(node.url, "owls", peer) as guest:
        await guest.publish()                  # the peer's own offer
        await peer.wait(video_flows())         # offers from the node are answered as they come
"""
from __future__ import annotations

import asyncio
import json
import time

import websockets


class Guest:
    """One websocket at the door and the peer whose media it speaks for.

    edit: changes every SDP that comes from the node, e.g. to keep only some candidates."""

    def __init__(self, url: str, call: str, peer, edit=lambda sdp: sdp):
        self.url = "%s/diagnostics/call/%s" % (url.replace("http", "ws", 1), call)
        self.peer, self.edit = peer, edit
        self.answers: asyncio.Queue = asyncio.Queue()
        self.heard: list[dict] = []            # everything but offers and answers, oldest first
        self.tracks: dict[str, dict] = {}      # what each media section carries
        self.rounds = 0                        # offers of the node that were answered
        self.connected_at = None               # by the wall clock
        self.turn = asyncio.Lock()             # one negotiation at a time
        self.following: set[asyncio.Task] = set()

    async def __aenter__(self) -> "Guest":
        self.socket = await websockets.connect(self.url, max_size=1 << 22, proxy=None)
        self.welcome = json.loads(await self.socket.recv())
        assert self.welcome["type"] == "welcome", self.welcome
        self.session = self.welcome["session"]
        self.reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, kind, *_):
        self.reader.cancel()
        for task in self.following:
            if not task.done():
                task.cancel()                  # an offer that says that somebody left, most likely
            elif kind is None:
                task.result()                  # an offer that the peer could not take fails the test
        await self.socket.close()

    async def say(self, type: str, **members):
        await self.socket.send(json.dumps({"type": type, **members}))

    async def _read(self):
        try:
            await self._take()
        except websockets.ConnectionClosed as e:
            self.heard.append({"type": "ended", "code": e.rcvd.code if e.rcvd else None})

    async def _take(self):
        async for text in self.socket:
            message = json.loads(text)
            if message["type"] == "answer":
                self.answers.put_nowait(message["sdp"])
            elif message["type"] == "offer":
                self.following.add(asyncio.create_task(self._follow(message)))
            else:
                self.heard.append(message)
                if message["type"] == "connected":
                    self.connected_at = time.time()
                if message["type"] == "refused" and message["what"] == "offer":
                    self.answers.put_nowait(None)

    async def _follow(self, message):
        async with self.turn:
            self.tracks = message["tracks"]
            answer = await self.peer.answer(self.edit(message["sdp"]))
            self.rounds += 1
            await self.say("answer", sdp=answer)

    async def publish(self, **opts):
        """Offers, and takes the answer. An offer that crosses one of the node's is made again."""
        for _ in range(20):
            async with self.turn:
                await self.say("offer", sdp=await self.peer.offer(**opts))
                answer = await asyncio.wait_for(self.answers.get(), 10)
                if answer is not None:
                    await self.peer.accept(self.edit(answer))
                    return
                await self.peer.rollback()
            await asyncio.sleep(0.1)
        raise RuntimeError("the node took no offer: %s" % self.heard[-3:])

    async def hear(self, type: str, timeout: float = 10, **members) -> dict:
        """Waits until the node has said such a thing."""
        end = asyncio.get_running_loop().time() + timeout
        while True:
            for message in self.heard:
                if message["type"] == type and all(message.get(k) == v for k, v in members.items()):
                    return message
            if asyncio.get_running_loop().time() > end:
                raise TimeoutError("never heard %s %s, but %s" % (type, members, self.heard[-5:]))
            await asyncio.sleep(0.02)

"""Scenarios of senders with several encodings, of which every viewer gets the one that suits it."""
from __future__ import annotations

import asyncio

from stage import RED, Stage, hears, pictures, sees, until

# In an order that says nothing about sizes, since the node is to find those out.
LAYERS = [
    {"rid": "h", "maxBitrate": 1_200_000},
    {"rid": "m", "scaleResolutionDownBy": 2, "maxBitrate": 400_000},
    {"rid": "l", "scaleResolutionDownBy": 4, "maxBitrate": 120_000},
]
LARGE = {**RED, "width": 960, "height": 540}


async def width_of(seat) -> int:
    """Of the one picture that comes, 0 for none."""
    return next((p["width"] or 0 for p in pictures(await seat.peer.summary())), 0)


async def comes(seat, sender, *widths: int, timeout: float = 20):
    async def test():
        return await width_of(seat) in widths
    try:
        await until(test, "a picture %s wide" % " or ".join(map(str, widths)), timeout)
    except TimeoutError as e:
        made = [{k: s[k] for k in ("rid", "width", "frames", "fps", "bytes", "target", "active", "limited")} for s in (await sender.peer.summary())["outbound"]]
        raise TimeoutError("%s; %s, of %s" % (e, pictures(await seat.peer.summary()), made))


async def all_layers_leave(seat):
    async def test():
        out = [s for s in (await seat.peer.summary())["outbound"] if s["kind"] == "video"]
        return len(out) == 3 and all((s["frames"] or 0) > 5 for s in out)
    await until(test, "three encodings by the sender")


async def a_viewer_gets_the_layer_that_it_shows(**media):
    async with Stage(media=media) as stage:
        chromium = await stage.chromium()
        viewer = await stage.guest(chromium)
        sender = await stage.guest(chromium, canvas={**LARGE, "noise": 20}, simulcast=LAYERS)
        await all_layers_leave(sender)
        await sees(viewer, RED)
        mid = next(iter(viewer.guest.tracks))
        rounds, ssrc = viewer.guest.rounds, pictures(await viewer.peer.summary())[0]["ssrc"]
        seen = []
        for wish, width in (({"pixels": 240 * 135}, 240), ({}, 960), ({"pixels": 480 * 270}, 480), ({}, 960)):
            clock = asyncio.get_running_loop().time
            began = clock()
            await viewer.guest.say("show", mid=mid, **wish)
            await comes(viewer, sender, width)
            seen.append("%d in %.1f s" % (width, clock() - began))
        await viewer.guest.say("show", mid=mid, pixels=0)
        await asyncio.sleep(1)
        before = pictures(await viewer.peer.summary())[0]["packets"]
        await asyncio.sleep(1)
        after = pictures(await viewer.peer.summary())[0]
        assert after["packets"] == before, "%d packets of what nobody looks at" % (after["packets"] - before)
        assert viewer.guest.rounds == rounds and after["ssrc"] == ssrc, (viewer.guest.rounds, rounds, after["ssrc"], ssrc)
        return {"seen": seen}


async def a_viewer_on_another_thread_gets_the_layer_that_it_shows():
    return await a_viewer_gets_the_layer_that_it_shows(threads=2, spread_from=0)


async def a_viewer_on_a_narrow_path_gets_a_smaller_layer_and_the_large_one_again():
    async with Stage() as stage:
        chromium = await stage.chromium()
        link = await stage.link(seed=1)
        viewer = await stage.guest(chromium, link=link)
        sender = await stage.guest(chromium, canvas={**LARGE, "noise": 60}, simulcast=LAYERS)
        await all_layers_leave(sender)
        clock = asyncio.get_running_loop().time
        await comes(viewer, sender, 960, timeout=25)
        rounds, ssrc = viewer.guest.rounds, pictures(await viewer.peer.summary())[0]["ssrc"]
        began = clock()
        link.down.set(rate=350, queue=300)
        await comes(viewer, sender, 240, 480)
        fell = clock() - began
        await asyncio.sleep(3)
        began, start = clock(), pictures(await viewer.peer.summary())[0]["frames"]
        await asyncio.sleep(3)
        frames = pictures(await viewer.peer.summary())[0]["frames"] - start
        assert frames > 15, "%d frames in 3 s on the narrow path" % frames
        began = clock()
        link.down.set(rate=0)
        await comes(viewer, sender, 960, timeout=25)
        rose = clock() - began
        after = pictures(await viewer.peer.summary())[0]
        assert viewer.guest.rounds == rounds and after["ssrc"] == ssrc
        return {"fell_in": round(fell, 1), "frames_in_3_s": frames, "rose_in": round(rose, 1), "frozen": after["frozen"]}


SCENARIOS = [a_viewer_gets_the_layer_that_it_shows, a_viewer_on_another_thread_gets_the_layer_that_it_shows,
             a_viewer_on_a_narrow_path_gets_a_smaller_layer_and_the_large_one_again]

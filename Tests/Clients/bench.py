"""What forwarding costs: one sharer, many viewers, through Roost and through Janus in turn, in one run.

    python3 bench.py --viewers 50,100,200 --seconds 10 --rounds 3

Synthetic peers (drain_client.c) do ICE, DTLS and SRTP, and decrypt every 50th packet. CPU is the server process's alone.
Ends with lines `figure NAME VALUE UNIT LIMIT ok|short`; a row whose load average is above 3 says so.
"""
from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path

from door import Guest
from drain_client import Drain
from node import Node, own_address


async def roost(viewers: int, seconds: float, pps: float, size: int, srtp=None, media=None, cpu=None) -> dict:
    async with Node(media=media, cpu=cpu) as node, Drain(viewers + 1, srtp=srtp) as drain:
        sharer = Guest(node.url, "bench", drain[0].video(ssrc=11111111, pps=pps, size=size))
        guests = [sharer]
        await sharer.__aenter__()
        await sharer.publish()
        await sharer.hear("connected")
        idle, began, cpu0 = node.resident_kib(), time.monotonic(), node.cpu_seconds()
        for peer in drain[1:]:
            guest = Guest(node.url, "bench", peer)
            await guest.__aenter__()
            await guest.say("ready")
            guests.append(guest)
        for _ in range(300):
            s = await drain.stats()
            if s["up"] == viewers + 1 and s["min_packets"] > 0:
                break
            await asyncio.sleep(0.1)
        joined, join_cpu = time.monotonic() - began, node.cpu_seconds() - cpu0
        await drain.command("verify 50")
        await asyncio.sleep(2)
        await drain.command("reset")
        a, c0 = await drain.stats(), node.cpu_seconds()
        await asyncio.sleep(seconds)
        b, c1 = await drain.stats(), node.cpu_seconds()
        packets, took = b["packets"] - a["packets"], b["t"] - a["t"]
        out = {"server": "roost", "viewers": viewers, "up": b["up"] - 1, "join_s": round(joined, 2), "join_ms_cpu": round(join_cpu / viewers * 1e3, 2),
               "pps_out": round(packets / took), "lost": b["lost"], "expected": (b["sent"] - a["sent"]) * viewers, "cores": round((c1 - c0) / took, 4),
               "us_per_packet": round((c1 - c0) / packets * 1e6, 2) if packets else None, "rss_kib_per_viewer": (node.resident_kib() - idle) // viewers,
               "lat_p50_us": b["lat_p50_us"], "lat_p99_us": b["lat_p99_us"], "auth_bad": b["auth_bad"], "srtp": drain.ups.get(1, {}).get("srtp"),
               "load": float(Path("/proc/loadavg").read_text().split()[0]), "errors": drain.errors[:3]}
        for guest in guests:
            await guest.__aexit__(None, None, None)
        return out


async def janus(viewers: int, seconds: float, pps: float, size: int, srtp=None) -> dict:
    from janus_peer import measure
    r = await measure(viewers, seconds, pps, size, 50, {"event_loops": 2, "debug": 2}, srtp)
    return {"server": "janus", "viewers": viewers, **{k: r[k] for k in ("pps_out", "lost", "us_per_packet", "lat_p50_us", "lat_p99_us", "srtp", "load")},
            "cores": r["janus_cores"], "rss_kib_per_viewer": r["rss_kib_per_subscriber"]}


async def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--viewers", default="50,100,200")
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--pps", type=float, default=167)
    p.add_argument("--size", type=int, default=1150)
    p.add_argument("--srtp")
    p.add_argument("--alone", action="store_true", help="without Janus")
    a = p.parse_args()
    rows = []
    for viewers in map(int, a.viewers.split(",")):
        for _ in range(a.rounds):
            for run in ([roost] if a.alone else [roost, janus]):
                row = await run(viewers, a.seconds, a.pps, a.size, a.srtp)
                rows.append(row)
                print(json.dumps(row), flush=True)
    for viewers in map(int, a.viewers.split(",")):
        def median(server, key):
            return statistics.median(r[key] for r in rows if r["server"] == server and r["viewers"] == viewers)
        cost = median("roost", "us_per_packet")
        limit = 1.5 if a.size >= 1000 and not a.srtp else 3.0
        print("figure forward-%d-us %.2f us %.1f %s" % (viewers, cost, limit, "ok" if cost <= limit else "short"))
        memory = median("roost", "rss_kib_per_viewer")
        print("figure memory-%d-kib %d KiB 100 %s" % (viewers, memory, "ok" if memory <= 100 else "short"))
        if not a.alone:
            print("figure janus-%d-times %.1f x 5 %s" % (viewers, median("janus", "us_per_packet") / cost, "ok" if median("janus", "us_per_packet") >= 5 * cost else "short"))


if __name__ == "__main__":
    asyncio.run(main())

"""What real clients must be able to do through a node, each scenario a sentence.

    python3 scenarios.py [part of a name, or a file ...]      # ends with "N passed, N failed"
    python3 scenarios.py quick                                # those that `make test` runs

Needs a built roost (ROOST_BINARY, else .build/release/roost), the groups browsers and test of cluster/packages.txt, and
requirements.txt. `make test-browsers` sees to all of it.
"""
from __future__ import annotations

import asyncio
import shutil
import sys
import time
import traceback

import clusters
import contrary
import gophers
import gstreamers
import layers
import manners
import meetings
import mishaps
import networks
import pages
import strangers
import talking
from stage import PATIENCE, TooBusy

SCENARIOS = [*talking.SCENARIOS, *layers.SCENARIOS, *networks.SCENARIOS, *strangers.SCENARIOS, *contrary.SCENARIOS, *meetings.SCENARIOS, *gophers.SCENARIOS, *gstreamers.SCENARIOS,
             *pages.SCENARIOS, *manners.SCENARIOS, *mishaps.SCENARIOS, *clusters.SCENARIOS]
# What people do most, and what must not break unseen: some two minutes on an idle machine.
QUICK = [pages.two_people_talk_through_the_page, pages.a_screen_is_shared_on_the_page, pages.a_host_mutes_and_removes_by_the_page,
         pages.the_page_comes_back_by_itself, pages.a_lost_microphone_is_replaced_on_the_page, pages.the_page_is_sound_for_all]
BROWSERS = ["chromium", "firefox-esr"]
LIMIT = 90 * PATIENCE    # seconds for one scenario; none needs half of it on an idle machine


async def attempt(f) -> tuple[str, dict]:
    """VOID is worth another: it says something of the machine, nothing of the node."""
    try:
        return "ok", await asyncio.wait_for(f(), LIMIT) or {}
    except TooBusy as e:
        return "VOID", {"because": e}
    except Exception:
        traceback.print_exc()
        return "FAIL", {}


async def main(words) -> int:
    wanted = QUICK if words == ["quick"] else [f for f in SCENARIOS if not words or any(w == f.__module__ or w.replace(" ", "_") in f.__name__ for w in words)]
    if not wanted:
        print("no scenario is named so; there are:", *(f.__name__ for f in SCENARIOS), sep="\n  ")
        return 2
    missing = [name for name in BROWSERS if shutil.which(name) is None]
    if missing and wanted is QUICK:
        # Wherever the packages of cluster/packages.txt can be had, cluster/setup has installed them before.
        print("the web client is not tried: there is no %s here (cluster/packages.txt, group browsers)" % " and no ".join(missing))
        return 0
    failed = 0
    for f in wanted:
        began = time.monotonic()
        verdict, figures = await attempt(f)
        if verdict == "VOID":
            verdict, figures = await attempt(f)
        failed += verdict != "ok"
        print("%-4s %s (%.1f s)" % (verdict, f.__name__.replace("_", " "), time.monotonic() - began), flush=True)
        for name, value in figures.items():
            print("       %s: %s" % (name.replace("_", " "), value), flush=True)
    print("%d passed, %d failed" % (len(wanted) - failed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

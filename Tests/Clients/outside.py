"""What programs that others wrote for judging servers have to say of a node.

    python3 outside.py [part of a name]      # ends with "N passed, N failed"

Needs a built roost (ROOST_BINARY, else .build/release/roost), schemathesis and sslyze beside this python, and for websockets
Autobahn's `wstest` in the PATH or WSTEST, which runs on Python 2.7 alone (pip install autobahntestsuite==0.8.2). What is not
there is not tried, and said so. `make test-outside` sees to the rest.
"""
from __future__ import annotations

import asyncio
import collections
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from node import Node

KEY = "a-key-for-tests-0123456789"
LIMITS = '[limits]\nrequests_per_second = 10000\nrequest_burst = 50000\n'


class Missing(Exception):
    """The program is not here."""


def tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    found = os.environ.get(name.upper()) or (str(beside) if beside.exists() else shutil.which(name))
    if not found:
        raise Missing(name)
    return found


async def run(*argv: str, cwd=None) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(*argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        out, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode, out.decode(errors="replace")


def certificate(folder: Path) -> dict:
    """Settings for TLS, with a certificate of our own."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert], check=True, capture_output=True)
    key.chmod(0o600)
    return {"tls_certificate": str(cert), "tls_key": str(key)}


async def the_application_s_api_keeps_to_its_openapi_file(folder: Path):
    judge = tool("schemathesis")
    async with Node(sections=LIMITS + '[calls]\napi_keys = ["%s"]\napi_requests_per_second = 100000\n' % KEY) as node:
        code, said = await run(judge, "run", node.url + "/openapi.json", "--url", node.url + "/api/roost/v1", "-H", "Authorization: Bearer " + KEY,
                               "--max-examples", "50", "--phases", "examples,coverage,fuzzing,stateful", cwd=folder)
        assert code == 0, said
        return {"cases": re.search(r"(\d+) generated, \1 passed", said)[0]}


async def tls_is_at_mozilla_s_intermediate_level(folder: Path):
    judge = tool("sslyze")
    async with Node(http=certificate(folder)) as node:
        code, said = await run(judge, "--mozilla_config", "intermediate", "--json_out", str(folder / "tls.json"), "localhost:%d" % node.port)
        # Nobody whom sslyze knows has signed our certificate, and there is nothing else.
        faults = [line.strip() for line in said.splitlines() if re.match(r"\s+\* ", line) and "certificate" in line.lower() or "not compliant" in line.lower()]
        scan = json.loads((folder / "tls.json").read_text())["server_scan_results"][0]["scan_result"]
        accepted = {v: [s["cipher_suite"]["name"] for s in scan[v]["result"]["accepted_cipher_suites"]]
                    for v in ("ssl_2_0_cipher_suites", "ssl_3_0_cipher_suites", "tls_1_0_cipher_suites", "tls_1_1_cipher_suites", "tls_1_2_cipher_suites", "tls_1_3_cipher_suites")}
        assert not any(accepted[v] for v in list(accepted)[:4]), accepted
        assert accepted["tls_1_2_cipher_suites"] and accepted["tls_1_3_cipher_suites"], accepted
        verdict = re.search(r"localhost:\d+: (.*)", said.split("COMPLIANCE AGAINST")[-1])
        complaints = [l.strip()[2:] for l in said.split("COMPLIANCE AGAINST")[-1].splitlines() if l.strip().startswith("* ")]
        others = [c for c in complaints if not c.startswith("certificate_path_validation")]
        assert verdict and not others, said
        return {"suites": len(accepted["tls_1_2_cipher_suites"]) + len(accepted["tls_1_3_cipher_suites"]), "complaints": complaints}


async def websockets(folder: Path, http: dict, cases: str):
    judge = tool("wstest")
    rules = '[websocket]\necho = true\nmessage_bytes = "16MiB"\nqueue_bytes = "64MiB"\nfragments = 100000\ncompression_from = "1B"\n'
    async with Node(http=http, sections=rules) as node:
        url = "%s://localhost:%d/diagnostics/echo" % ("wss" if http else "ws", node.port)
        (folder / "spec.json").write_text(json.dumps({
            "outdir": str(folder / "report"), "servers": [{"agent": "roost", "url": url}], "cases": [cases], "exclude-cases": [], "exclude-agent-cases": {}}))
        _, said = await run(judge, "-m", "fuzzingclient", "-s", str(folder / "spec.json"), cwd=folder)
        report = folder / "report/index.json"
        assert report.exists(), said
        results = json.loads(report.read_text())["roost"]
        bad = {case: r for case, r in results.items() if r["behavior"] not in ("OK", "INFORMATIONAL") or r["behaviorClose"] not in ("OK", "INFORMATIONAL")}
        assert not bad, bad
        return dict(collections.Counter(r["behavior"] for r in results.values()))


async def websockets_do_all_that_autobahn_asks(folder: Path):
    return await websockets(folder, {}, os.environ.get("CASES", "*"))


async def websockets_do_so_under_tls(folder: Path):
    return await websockets(folder, certificate(folder), os.environ.get("CASES", "*"))


SCENARIOS = [
    the_application_s_api_keeps_to_its_openapi_file,
    tls_is_at_mozilla_s_intermediate_level,
    websockets_do_all_that_autobahn_asks,
    websockets_do_so_under_tls,
]


async def main(words) -> int:
    failed = passed = 0
    for f in SCENARIOS:
        if words and not any(w.replace(" ", "_") in f.__name__ for w in words):
            continue
        with tempfile.TemporaryDirectory(prefix="roost-outside-") as folder:
            try:
                figures = await f(Path(folder))
                verdict, passed = "ok", passed + 1
            except Missing as e:
                verdict, figures = "GONE", {"there is no": e}
            except Exception as e:
                verdict, figures, failed = "FAIL", {"why": e}, failed + 1
        print("%-4s %s" % (verdict, f.__name__.replace("_", " ")), *("       %s: %s" % (k, str(v)[:3000]) for k, v in figures.items()), sep="\n", flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))

"""Measures whole purchases on a shop of its own: how long, how much CPU, how many calls, how much capacity."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from souk_local import bench_cpu, bench_flow, bench_report, build, demo_catalogue, emulator, payments, processes, shop
from souk_local.bench_log import Used
from souk_local.console import Failure, Progress, say, step
from souk_local.places import CHECKOUT, SOUK, Place
from souk_local.shop import Shop

ENVIRONMENT = "bench"
DOCUMENT = CHECKOUT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_WARM_UP = 4


def add_commands(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure, on a shop of its own").add_subparsers(dest="what", required=True)
    orders = bench.add_parser("orders", help="whole purchases, from the list of products to the confirmation")
    orders.add_argument("--orders", type=_positive, default=200, help="for each concurrency (200)")
    orders.add_argument("--concurrency", type=_positives, default=(1, 4), metavar="1,4", help="purchases at once, one run for each (1,4)")
    orders.add_argument("--release", action="store_true", help="the functions of the flow in the release profile, which takes long to build")
    orders.add_argument("--publish", action="store_true", help=f"write the result into {DOCUMENT.relative_to(CHECKOUT)} too")
    orders.add_argument("--keep", action="store_true", help="leave that shop running, to look into it")
    orders.set_defaults(work=run)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _positives(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def run(options: argparse.Namespace) -> None:
    place = Place(ENVIRONMENT)
    with shop.alone(place):
        payments.stop(place)
        emulator.reset(place)
    with shop.alone(place):
        build.for_this_machine()
        if options.release:
            build.over_it_in_release(sorted({*bench_report.SERVED_BY.values(), *bench_report.BEHIND.values()}))
        before = os.getloadavg()[0]
        try:
            started = shop.start(place, processes.free_port(), {}, any_stripe_port=True)
            figures = {**_circumstances(options, before), "runs": [_measure(started, options.orders, number) for number in options.concurrency]}
        finally:
            if not options.keep:
                payments.stop(place)
                emulator.stop(place)
    path = _write(figures)
    say(f"\n{bench_report.document(figures)}\n\n{path.relative_to(CHECKOUT)} has all figures")
    if options.publish:
        publish(DOCUMENT, bench_report.document(figures))


def _measure(started: Shop, orders: int, concurrency: int) -> dict[str, Any]:
    goods = bench_flow.stock(started, demo_catalogue.load().products[0], 10 * (orders + _WARM_UP * concurrency))
    environment = started.place.environment
    with step(f"warming up for {concurrency} at a time") as progress:
        _buy(started, goods, _WARM_UP * concurrency, concurrency, progress)
    with step(f"{orders} orders, {concurrency} at a time") as progress:
        pids = _pid_of_emulator(started.place), started.sandbox.pid
        cpu = bench_cpu.look(*pids)
        bought, seconds, used = _buy(started, goods, orders, concurrency, progress)
        cpu = bench_cpu.look(*pids).since(cpu)
    steps = {name: [each.took[name] for each in bought] for name in bench_flow.STEPS}
    measured = bench_report.Run(orders, concurrency, seconds, steps, [each.whole for each in bought], used, cpu)
    return bench_report.summary(measured, environment)


def _buy(
    started: Shop, goods: bench_flow.Goods, orders: int, concurrency: int, progress: Progress
) -> tuple[list[bench_flow.Bought], float, dict[str, Used]]:
    """The purchases, the seconds they took, and what each function logged of them, once the last mail is out."""
    began = int(time.time() * 1000)
    bought, seconds = bench_flow.buy_many(started, goods, orders, concurrency, progress)
    return bought, seconds, bench_flow.await_the_rest(started.clients, started.place.environment, orders, began)


def _pid_of_emulator(place: Place) -> int:
    running = emulator.current(place)
    if running is None:
        raise Failure("the emulator ended", f"read {place.log('emulator')}")
    return running.pid


def _circumstances(options: argparse.Namespace, load: float) -> dict[str, Any]:
    words = ["./scripts/bench", "orders", f"--orders {options.orders}", f"--concurrency {','.join(map(str, options.concurrency))}"]
    return {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "command": " ".join(words + ["--release"] * options.release),
        "commit": _commit(),
        "profile": _profile(options.release),
        "machine": {
            "cpu": _processor(),
            "cpus": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
            "system": f"{platform.system()} {platform.machine()}",
            "load_before": load,
        },
    }


def _profile(release: bool) -> str:
    if not release:
        return "dev"
    # Cargo reads it: thin LTO links for minutes a function.
    lto = os.environ.get("CARGO_PROFILE_RELEASE_LTO")
    return f"release (LTO {lto})" if lto else "release"


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.strip()

    return f"{git('rev-parse', '--short', 'HEAD') or 'unknown'}{' with changes' if git('status', '--porcelain', '--untracked-files=no') else ''}"


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except FileNotFoundError:
        named = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, check=False).stdout.strip()
        return named or platform.processor() or platform.machine()
    return platform.processor() or platform.machine()


def _write(figures: dict[str, Any]) -> Path:
    folder = SOUK / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"orders-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return path


def publish(path: Path, text: str) -> None:
    """Puts `text` between the marks of the document and leaves the rest alone."""
    before, begin, rest = path.read_text().partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise Failure(f"{path} has lost its marks", f"put {_BEGIN} and {_END} around the result")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")

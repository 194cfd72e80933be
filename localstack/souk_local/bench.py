"""Measures, on a shop of its own, whole purchases (how long, how much CPU, how many calls, how much capacity) and imports of a catalogue."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from souk_local import bench_cpu, bench_flow, bench_import, bench_report, build, demo_catalogue, emulator, payments, processes, shop
from souk_local.bench_log import Used
from souk_local.console import Failure, Progress, say, step
from souk_local.places import CHECKOUT, SOUK, Place
from souk_local.shop import Shop

ENVIRONMENT = "bench"
DOCUMENT = CHECKOUT / "docs" / "benchmarks.md"
_ORDERS, _IMPORT = "measured", "measured import"
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
    files = bench.add_parser("import", help="a catalogue brought in as a file, twice, and walked through")
    files.add_argument("--products", type=_positive, default=10_000, help="(10,000)")
    files.add_argument("--variants", type=_within(bench_import.MOST_VARIANTS), default=5, help="of each product (5)")
    files.add_argument("--release", action="store_true", help="the functions of the import in the release profile, which takes long to build")
    files.add_argument("--publish", action="store_true", help=f"write the result into {DOCUMENT.relative_to(CHECKOUT)} too")
    files.add_argument("--keep", action="store_true", help="leave that shop running, to look into it")
    files.set_defaults(work=run_import)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _within(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if (found := _positive(text)) > most:
            raise argparse.ArgumentTypeError(f"must be at most {most}")
        return found

    return number


def _positives(text: str) -> tuple[int, ...]:
    return tuple(_positive(part) for part in text.split(","))


def run(options: argparse.Namespace) -> None:
    words = [f"--orders {options.orders}", f"--concurrency {','.join(map(str, options.concurrency))}"]
    functions = {*bench_report.SERVED_BY.values(), *bench_report.BEHIND.values()}
    figures = _on_a_shop_of_its_own(
        options, words, functions, lambda started: {"runs": [_measure(started, options.orders, number) for number in options.concurrency]}
    )
    _tell(options, figures, bench_report.document(figures), _ORDERS)


def run_import(options: argparse.Namespace) -> None:
    words = [f"--products {options.products}", f"--variants {options.variants}"]
    figures = _on_a_shop_of_its_own(
        options, words, bench_import.FUNCTIONS, lambda started: bench_import.measure(started, options.products, options.variants)
    )
    _tell(options, figures, bench_import.document(figures), _IMPORT)


def _on_a_shop_of_its_own(
    options: argparse.Namespace, words: list[str], functions: Iterable[str], measure: Callable[[Shop], dict[str, Any]]
) -> dict[str, Any]:
    """Measures a shop that is there for nothing else, and was new a moment ago."""
    place = Place(ENVIRONMENT)
    with shop.alone(place):
        payments.stop(place)
        emulator.reset(place)
    with shop.alone(place):
        build.for_this_machine()
        if options.release:
            build.over_it_in_release(sorted(functions))
        before = os.getloadavg()[0]
        try:
            started = shop.start(place, processes.free_port(), {}, any_stripe_port=True)
            return {**_circumstances(options, words, before), **measure(started)}
        finally:
            if not options.keep:
                payments.stop(place)
                emulator.stop(place)


def _tell(options: argparse.Namespace, figures: dict[str, Any], text: str, marks: str) -> None:
    path = _write(options.what, figures)
    say(f"\n{text}\n\n{path.relative_to(CHECKOUT)} has all figures")
    if options.publish:
        publish(DOCUMENT, text, marks)


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


def _circumstances(options: argparse.Namespace, words: list[str], load: float) -> dict[str, Any]:
    return {
        "date": f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        "command": " ".join(["./scripts/bench", options.what, *words] + ["--release"] * options.release),
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


def _write(what: str, figures: dict[str, Any]) -> Path:
    folder = SOUK / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{what}-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return path


def publish(path: Path, text: str, marks: str = _ORDERS) -> None:
    """Puts `text` between the marks of the document and leaves the rest alone."""
    first, last = f"<!-- {marks}: begin -->", f"<!-- {marks}: end -->"
    before, begin, rest = path.read_text().partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise Failure(f"{path} has lost its marks", f"put {first} and {last} around the result")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")

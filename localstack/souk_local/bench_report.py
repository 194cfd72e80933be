"""From measurements to a table: percentiles, the share of each function, and what other shops need for the same."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from souk_local import bench_flow
from souk_local.bench_cpu import Cpu
from souk_local.bench_log import Used

# Shown with our own figures. Both were measured in November 2026 on default installations, for one placed order.
REFERENCES = (
    ("Vendure", "486 SQL statements", "122–224 ms"),
    ("Medusa", "655 SQL statements", "1,169–1,573 ms"),
)
# Who works at what a shopper waits for …
SERVED_BY = {
    bench_flow.LIST: "catalog-list-products",
    bench_flow.PRODUCT: "catalog-get-product",
    bench_flow.CART: "cart-create-cart",
    bench_flow.LINE: "cart-add-line",
    bench_flow.QUOTE: "orders-quote",
    bench_flow.PLACE: "orders-place-order",
    bench_flow.PAYMENT: "payments-create-payment",
    bench_flow.READ: "orders-get-order",
}
# … and at what happens meanwhile, in its order.
BEHIND = {
    "take webhooks": "payments-receive-stripe-webhook",
    "learn of the payment": "payments-process-webhook",
    "send payment events": "payments-relay",
    "confirm the order": "orders-on-payment-captured",
    "send order events": "orders-relay",
    "commit the stock": "catalog-on-order-confirmed",
    "send the mail": "notifications-send-email",
}
# Calls that are no DynamoDB's, for each line that the function logs. A relay sends up to ten events with one.
OTHER_CALLS = {
    "payments-create-payment": "1 Stripe",
    "payments-receive-stripe-webhook": "1 SQS",
    "payments-relay": "≤ 1 EventBridge",
    "orders-relay": "≤ 1 EventBridge",
    "notifications-send-email": "1 SES",
}


@dataclass(frozen=True)
class Run:
    """What one run of purchases came to."""

    orders: int
    concurrency: int
    seconds: float
    steps: Mapping[str, Sequence[float]]
    wholes: Sequence[float]
    used: Mapping[str, Used]
    cpu: Cpu


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all are not above (nearest rank): always one that was measured."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def summary(run: Run, environment: str) -> dict[str, Any]:
    """All figures of a run, for the JSON file and for the table."""
    named = {name.removeprefix(f"souk-{environment}-"): seconds for name, seconds in run.cpu.functions.items()}
    of_the_flow = {*SERVED_BY.values(), *BEHIND.values()}
    in_flow = {name: seconds for name, seconds in named.items() if name in of_the_flow}
    # Where the system does not name the functions' processes, all of them count.
    beside = {name: seconds for name, seconds in named.items() if name not in of_the_flow} if in_flow else {}
    each = 1000 / run.orders
    return {
        "orders": run.orders,
        "concurrency": run.concurrency,
        "orders_per_second": round(run.orders / run.seconds, 3),
        "milliseconds": {step: _spread(values) for step, values in {**run.steps, bench_flow.WHOLE: run.wholes}.items()},
        "functions": {name: _share(used, run.orders, in_flow.get(name)) for name, used in sorted(run.used.items())},
        "calls_per_order": _of_flow(run, "calls"),
        "read_capacity_per_order": _of_flow(run, "read"),
        "write_capacity_per_order": _of_flow(run, "written"),
        "cpu_ms_per_order": {
            "functions": round((run.cpu.all_functions - sum(beside.values())) * each, 2),
            "functions_beside_the_flow": round(sum(beside.values()) * each, 2),
            "emulator": round(run.cpu.emulator * each, 1),
            "sandbox": round(run.cpu.sandbox * each, 1),
        },
        "cpu_seconds": asdict(run.cpu),
    }


def _of_flow(run: Run, what: str) -> float:
    names = (*SERVED_BY.values(), *BEHIND.values())
    return round(sum(getattr(run.used[name], what) for name in names if name in run.used) / run.orders, 2)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"p50": round(percentile(values, 50), 1), "p99": round(percentile(values, 99), 1), "max": round(max(values), 1)}


def _share(used: Used, orders: int, cpu: float | None) -> dict[str, Any]:
    share: dict[str, Any] = {
        "lines_per_order": round(used.invocations / orders, 2),
        "calls_per_order": round(used.calls / orders, 2),
        "read_capacity_per_order": round(used.read / orders, 2),
        "write_capacity_per_order": round(used.written / orders, 2),
    }
    if used.durations:
        share["own_milliseconds"] = _spread(used.durations)
    if cpu is not None:
        share["cpu_ms_per_order"] = round(cpu * 1000 / orders, 2)
    return share


def table(figures: Mapping[str, Any]) -> str:
    """A run as Markdown."""
    cpu = figures["cpu_ms_per_order"]
    whole = figures["milliseconds"][bench_flow.WHOLE]
    lines = [
        f"{figures['orders']} orders, {figures['concurrency']} at a time: **{figures['orders_per_second']:.2f} orders per second**; "
        f"the whole until confirmed p50 {whole['p50']:,.0f} ms, p99 {whole['p99']:,.0f} ms.",
        "",
        f"For each order: **CPU of our functions {cpu['functions']:.1f} ms**, apart from it emulator {cpu['emulator']:,.0f} ms, "
        f"payment sandbox {cpu['sandbox']:,.0f} ms, functions on schedules {cpu['functions_beside_the_flow']:.1f} ms; "
        f"**{figures['calls_per_order']:g} DynamoDB calls**, {figures['read_capacity_per_order']:g} read and "
        f"{figures['write_capacity_per_order']:g} write units.",
        "",
        "| step | p50 ms | p99 ms | of it the function, p50 | CPU ms | DynamoDB calls | read units | write units | other calls |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    for step in bench_flow.STEPS:
        lines.append(_row(step, figures["milliseconds"].get(step), SERVED_BY.get(step), figures["functions"]))
        if step == bench_flow.CONFIRMED:
            lines += [_row(f"… {name}", None, function, figures["functions"]) for name, function in BEHIND.items()]
    return "\n".join(lines)


def _row(step: str, took: Mapping[str, float] | None, function: str | None, functions: Mapping[str, Any]) -> str:
    share = functions.get(function or "", {})
    own = share.get("own_milliseconds", {}).get("p50")
    cells = [
        step,
        f"{took['p50']:,.0f}" if took else "",
        f"{took['p99']:,.0f}" if took else "",
        "" if own is None else f"{own:,.0f}",
        f"{share['cpu_ms_per_order']:.1f}" if "cpu_ms_per_order" in share else "",
        *(f"{share[f'{what}_per_order']:g}" if share else "" for what in ("calls", "read_capacity", "write_capacity")),
        OTHER_CALLS.get(function or "", "") if share else "",
    ]
    return "| " + " | ".join(cells) + " |"


def document(figures: Mapping[str, Any]) -> str:
    """What docs/benchmarks.md shows between its marks."""
    machine = figures["machine"]
    head = [
        f"`{figures['command']}` · {figures['date']} · commit {figures['commit']} · functions in the {figures['profile']} profile · "
        f"{machine['cpus']} × {machine['cpu']}, {machine['memory_gb']} GB, {machine['system']} · load before {machine['load_before']:.2f}"
    ]
    rivals = ["| for one placed order | calls to the database | CPU of the server |", "| --- | --- | --- |"]
    first = figures["runs"][0]
    ours = f"{first['calls_per_order']:g} DynamoDB calls"
    rivals.append(f"| Souk | {ours} | {first['cpu_ms_per_order']['functions']:.1f} ms |")
    rivals += [f"| {name} | {calls} | {cpu} |" for name, calls, cpu in REFERENCES]
    return "\n\n".join(["\n".join(head), *(table(run) for run in figures["runs"]), "\n".join(rivals)])

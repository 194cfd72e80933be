"""What the benchmark makes of what it measured. No time decides a test."""

from __future__ import annotations

import json
import tempfile
import unittest
from pathlib import Path

from souk_local import bench, bench_flow, bench_import
from souk_local.bench_cpu import Cpu, function_name, peak_memory_kb, read_peak, read_stat, read_time
from souk_local.bench_log import by_function, parsed
from souk_local.bench_report import Run, document, percentile, summary, table
from souk_local.console import Failure


def line(function: str, **members: object) -> str:
    return json.dumps({"message": "answered", **members, "span": {"function": f"souk-bench-{function}"}})


def a_run(cpu: Cpu) -> Run:
    lines = [
        *[line("orders-place-order", dynamodb_calls=3, read_capacity=5.5, write_capacity=24.0, duration_ms=20)] * 2,
        *[line("payments-relay", dynamodb_calls=1, write_capacity=2.0)] * 2,
        line("orders-sweep", dynamodb_calls=9, read_capacity=9.0, write_capacity=0.0),
    ]
    steps = {step: [10.0, 30.0] for step in bench_flow.STEPS}
    return Run(2, 1, 4.0, steps, [90.0, 270.0], by_function(parsed(text, "bench") for text in lines), cpu)


class Percentiles(unittest.TestCase):
    def test_a_percentile_is_a_value_that_was_measured(self) -> None:
        values = [float(number) for number in range(200, 0, -1)]
        self.assertEqual([percentile(values, percent) for percent in (0, 50, 99, 100)], [1, 100, 198, 200])

    def test_of_one_value_every_percentile_is_that_value(self) -> None:
        self.assertEqual([percentile([7.0], percent) for percent in (1, 50, 99)], [7, 7, 7])

    def test_nothing_measured_has_no_percentile(self) -> None:
        with self.assertRaises(ValueError):
            percentile([], 50)


class ProcessorTime(unittest.TestCase):
    def test_a_process_s_ticks_are_read_whatever_its_name(self) -> None:
        fields = " ".join(str(number) for number in range(4, 20))
        self.assertEqual(read_stat(f"17 (boot) strap (1)) S 3 {fields}"), (3, 13 + 14, 15 + 16))

    def test_times_of_ps_are_seconds(self) -> None:
        times = {"0:01.25": 1.25, "12:00.50": 720.5, "01:02:03": 3723.0, "2-00:00:10": 172_810.0}
        self.assertEqual({text: read_time(text) for text in times}, times)

    def test_a_function_is_known_by_its_environment(self) -> None:
        self.assertEqual(function_name(b"A=1\0AWS_LAMBDA_FUNCTION_NAME=souk-bench-orders-quote\0B=2\0"), "souk-bench-orders-quote")
        self.assertEqual(function_name(b"NOT_AWS_LAMBDA_FUNCTION_NAME=x\0"), "functions")

    def test_what_a_function_used_is_counted_once_though_it_ends(self) -> None:
        before = Cpu({"a": 5.0, "b": 2.0}, 1.0, 10.0, 1.0)
        # b went on to 3 seconds and ended: its parent has them now.
        used = Cpu({"a": 5.5, "c": 0.25}, 4.0, 12.0, 1.5).since(before)
        self.assertEqual(used, Cpu({"a": 0.5, "c": 0.25}, 1.0, 2.0, 0.5))
        self.assertEqual(used.all_functions, 1.75)


class LogLines(unittest.TestCase):
    def test_lines_of_others_are_passed_over(self) -> None:
        for text in ("START RequestId: 1", '{"dynamodb_calls": 1}', "[]", '{"span": {"function": "f"}}', '"text"'):
            self.assertEqual(parsed(text, "bench"), {})

    def test_a_function_s_lines_are_added_up(self) -> None:
        used = by_function([parsed(line("cart-add-line", dynamodb_calls=2, read_capacity=1.5, write_capacity=1.0, duration_ms=4), "bench")] * 3)
        self.assertEqual(list(used), ["cart-add-line"])
        part = used["cart-add-line"]
        self.assertEqual((part.invocations, part.calls, part.read, part.written, part.durations), (3, 6, 4.5, 3.0, [4.0, 4.0, 4.0]))


class Figures(unittest.TestCase):
    def test_schedules_do_not_count_for_an_order(self) -> None:
        names = {"souk-bench-orders-place-order": 0.03, "souk-bench-payments-relay": 0.01, "souk-bench-orders-sweep": 0.5}
        figures = summary(a_run(Cpu(names, 0.0, 2.0, 0.4)), "bench")
        cpu = figures["cpu_ms_per_order"]
        self.assertEqual((cpu["functions"], cpu["functions_beside_the_flow"], cpu["emulator"], cpu["sandbox"]), (20.0, 250.0, 1000.0, 200.0))
        self.assertEqual((figures["calls_per_order"], figures["read_capacity_per_order"], figures["write_capacity_per_order"]), (4.0, 5.5, 26.0))
        self.assertEqual(figures["orders_per_second"], 0.5)

    def test_where_processes_have_no_names_all_of_them_count(self) -> None:
        figures = summary(a_run(Cpu({"functions": 0.04}, 0.02, 2.0, 0.4)), "bench")
        self.assertEqual(figures["cpu_ms_per_order"]["functions"], 30.0)

    def test_figures_can_be_kept_as_json(self) -> None:
        json.dumps(summary(a_run(Cpu({}, 0.0, 0.0, 0.0)), "bench"), allow_nan=False)

    def test_the_table_has_a_row_for_each_step_and_as_many_cells_in_each(self) -> None:
        rows = [row for row in table(summary(a_run(Cpu({}, 0.0, 0.0, 0.0)), "bench")).splitlines() if row.startswith("|")]
        self.assertEqual({row.count("|") for row in rows}, {10})
        for step in bench_flow.STEPS:
            self.assertEqual(sum(row.startswith(f"| {step} |") for row in rows), 1, step)
        self.assertIn("| place order | 10 | 30 | 20 |  | 3 | 5.5 | 24 |  |", rows)

    def test_the_document_names_machine_command_and_the_other_shops(self) -> None:
        machine = {"cpu": "Some CPU", "cpus": 2, "memory_gb": 8, "system": "Linux x86_64", "load_before": 0.1}
        figures = {"command": "./scripts/bench orders", "date": "today", "commit": "abc", "profile": "dev", "machine": machine}
        text = document({**figures, "runs": [summary(a_run(Cpu({}, 0.0, 0.0, 0.0)), "bench")]})
        for words in ("./scripts/bench orders", "dev profile", "2 × Some CPU", "Vendure | 486 SQL statements", "Medusa | 655 SQL statements"):
            self.assertIn(words, text)


class Publishing(unittest.TestCase):
    def test_only_what_is_between_the_marks_is_replaced(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "benchmarks.md"
            path.write_text("before\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nafter\n")
            bench.publish(path, "new")
            self.assertEqual(path.read_text(), "before\n<!-- measured: begin -->\nnew\n<!-- measured: end -->\nafter\n")

    def test_a_document_without_its_marks_is_left_alone(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "benchmarks.md"
            path.write_text("text")
            with self.assertRaises(Failure):
                bench.publish(path, "new")
            self.assertEqual(path.read_text(), "text")

    def test_the_committed_document_has_its_marks(self) -> None:
        text = bench.DOCUMENT.read_text()
        self.assertLess(text.index("<!-- measured: begin -->"), text.index("<!-- measured: end -->"))


class AnImport(unittest.TestCase):
    def test_a_file_has_a_row_for_each_variant_under_the_columns(self) -> None:
        lines = bench_import.table(3, 2, "tea").decode().splitlines()
        self.assertEqual((len(lines), lines[0]), (7, bench_import.COLUMNS))
        self.assertEqual({line.count(",") for line in lines}, {bench_import.COLUMNS.count(",")})
        self.assertEqual(len({line.split(",")[9] for line in lines[1:]}), 6)

    def test_fifty_thousand_rows_are_within_what_an_import_takes(self) -> None:
        self.assertLess(len(bench_import.table(10_000, 5, "bench-1795410000000000000")), 20 * 1024 * 1024)

    def test_the_memory_of_a_process_is_what_the_system_says(self) -> None:
        self.assertEqual(read_peak("Name:\tbootstrap\nVmPeak:\t 9000 kB\nVmHWM:\t   12345 kB\n"), 12345)
        self.assertEqual((read_peak(""), peak_memory_kb("souk-bench-no-such-function")), (0, 0))

    def test_the_document_has_both_imports_and_the_walk(self) -> None:
        machine = {"cpus": 2, "cpu": "Some CPU", "memory_gb": 8, "system": "Linux x86_64", "load_before": 0.1}
        run = {"seconds": 100.0, "rows_per_second": 500.0, "memory_mb": 20.5, "created": 50_000, "updated": 0, "unchanged": 0, "refused": 0}
        figures = {
            **{"command": "./scripts/bench import", "date": "today", "commit": "abc", "profile": "dev", "machine": machine},
            **{"products": 10_000, "rows": 50_000, "bytes": 5_000_000, "first": run, "again": {**run, "created": 0, "unchanged": 50_000}},
            "listed_after_seconds": 12.0,
            "walk": {"products": 10_000, "pages": 100, "seconds": 9.5, "largest_page_bytes": 30_000, "product_bytes": 1_500},
            "copy": {"products": 10_100, "seconds": 20.0},
            "calls": {"catalog-list-products": 1.0, "catalog-get-product": 1.0},
        }
        self.assertEqual(bench_import.broken_promises(figures), [])
        text = bench_import.document(figures)
        calls = "`catalog-get-product` makes 1 DynamoDB call;"
        for words in ("10,000 products with 50,000 variants", "| import | 100 | 500 | 20.5 | 50,000 |", "100 pages", calls):
            self.assertIn(words, text)
        json.dumps(figures, allow_nan=False)

    def test_a_measurement_of_what_should_not_be_is_none(self) -> None:
        run = {"created": 10, "unchanged": 0, "refused": 0}
        walk = {"products": 5, "largest_page_bytes": 1_000, "product_bytes": 500}
        kept = {"rows": 10, "products": 5, "first": run, "again": {"unchanged": 10}, "walk": walk, "copy": {"products": 5}}
        kept["calls"] = dict.fromkeys(("catalog-list-products", "catalog-get-product"), 1.0)
        self.assertEqual(bench_import.broken_promises(kept), [])
        for other in (
            {"first": {**run, "refused": 1}},
            {"again": {"unchanged": 9}},
            {"walk": {**walk, "products": 4}},
            {"walk": {**walk, "largest_page_bytes": 1_000_000}},
            {"walk": {**walk, "product_bytes": 1_000_000}},
            {"copy": {"products": 4}},
            {"calls": {**kept["calls"], "catalog-list-products": 1.01}},
            {"calls": {}},
        ):
            self.assertEqual(len(bench_import.broken_promises({**kept, **other})), 1, other)

    def test_each_measurement_has_its_place_in_the_document(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "benchmarks.md"
            path.write_text(bench.DOCUMENT.read_text())
            bench.publish(path, "ours", "measured import")
            self.assertIn("begin -->\nours\n<!-- measured import: end", path.read_text())

if __name__ == "__main__":
    unittest.main()

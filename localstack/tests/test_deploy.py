"""What deployment does to templates and code before AWS sees them."""

from __future__ import annotations

import io
import unittest
import zipfile

from souk_local import artefacts, logs
from souk_local.console import Failure, duration
from souk_local.places import SERVICES, Place
from souk_local.stacks import declared_parameters

TEMPLATE = """\
Parameters:
  Environment: {Type: String}
  Currency:
    Type: String
    Default: EUR

Resources:
  PlaceOrderFunction:
    Properties:
      CodeUri: ../../target/lambda/orders-place-order/
      Environment: {Variables: {MEDIA: !Sub "{{resolve:ssm:/souk/${Environment}/media/base-url}}/x"}}
"""


class Packaging(unittest.TestCase):
    def packager(self) -> artefacts.Artefacts:
        packager = artefacts.Artefacts.__new__(artefacts.Artefacts)
        packager.bucket = "bucket"
        packager._upload = lambda names, progress: {name: f"code/{name}-1.zip" for name in names}  # type: ignore[method-assign]
        return packager

    def test_a_template_points_at_the_uploaded_code_and_at_one_version_of_each_value(self) -> None:
        packaged = self.packager().package(TEMPLATE, {"media/base-url": 7}, None)  # type: ignore[arg-type]
        self.assertIn("      CodeUri: {Bucket: bucket, Key: code/orders-place-order-1.zip}\n", packaged)
        self.assertIn('"{{resolve:ssm:/souk/${Environment}/media/base-url:7}}/x"', packaged)

    def test_a_value_that_no_stack_writes_is_refused_by_name(self) -> None:
        with self.assertRaisesRegex(Failure, "media/base-url"):
            self.packager().package(TEMPLATE, {}, None)  # type: ignore[arg-type]

    def test_the_same_program_makes_the_same_archive(self) -> None:
        first, second = artefacts.archive(b"program"), artefacts.archive(b"program")
        self.assertEqual(first, second)
        with zipfile.ZipFile(io.BytesIO(first)) as archive:
            entry = archive.getinfo("bootstrap")
            self.assertEqual(archive.read(entry), b"program")
            self.assertEqual(entry.external_attr >> 16, 0o100755)

    def test_only_the_parameters_that_a_template_declares_are_passed(self) -> None:
        self.assertEqual(declared_parameters(TEMPLATE), {"Environment", "Currency"})
        self.assertEqual(declared_parameters("Resources: {}\n"), set())


class Names(unittest.TestCase):
    def test_an_environment_that_could_not_name_a_bucket_is_refused(self) -> None:
        for name in ("", "Local", "1st", "a" * 25, "../up", "a_b"):
            with self.assertRaises(Failure):
                Place(name)
        self.assertEqual(Place("feature-12").environment, "feature-12")

    def test_every_service_has_a_place_in_the_order_of_deployment(self) -> None:
        folders = {path.parent.name for path in (artefacts.BOOTSTRAPS.parents[1] / "functions").glob("*/Cargo.toml")}
        self.assertEqual(folders, set(SERVICES))

    def test_durations_read_like_a_clock(self) -> None:
        self.assertEqual([duration(3.14), duration(59.9), duration(125)], ["3.1 s", "59.9 s", "2 min 05 s"])


class LogLines(unittest.TestCase):
    def test_the_fields_of_a_line_and_of_its_span_are_one(self) -> None:
        line = logs._parsed('{"level":"INFO","message":"placed","order_id":"ord_1","span":{"correlation_id":"c","function":"f"}}')
        self.assertEqual(line, {"level": "INFO", "message": "placed", "order_id": "ord_1", "correlation_id": "c", "function": "f"})

    def test_what_is_not_an_object_is_no_line_of_ours(self) -> None:
        self.assertIsNone(logs._parsed("START RequestId: 1"))
        self.assertIsNone(logs._parsed("17"))


if __name__ == "__main__":
    unittest.main()

"""The demo catalogue keeps its promises, and a broken one is noticed."""

from __future__ import annotations

import sys
import unittest
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from souk_local import demo_catalogue, pictures  # noqa: E402 (needs the path above)
from souk_local.demo_catalogue import Catalogue, Product  # noqa: E402


def with_first(change: Product) -> Catalogue:
    catalogue = demo_catalogue.load()
    return replace(catalogue, products=(change, *catalogue.products[1:]))


class TheCatalogue(unittest.TestCase):
    def test_keeps_its_promises(self) -> None:
        self.assertEqual(demo_catalogue.faults(demo_catalogue.load()), [])

    def test_has_two_levels_with_parents_before_children(self) -> None:
        seen: set[str] = set()
        for category in demo_catalogue.load().categories:
            self.assertTrue(category.parent is None or category.parent in seen)
            seen.add(category.slug)

    def test_delivers_nowhere_without_a_tax_rate_and_not_to_the_united_states(self) -> None:
        served = {country for zone in demo_catalogue.shipping_zones()["zones"] for country in zone["countries"]}
        self.assertEqual(served, {rate["country"] for rate in demo_catalogue.tax_rates()["rates"]})
        self.assertNotIn("US", served)

    def test_faults_are_found(self) -> None:
        first, second, *_ = demo_catalogue.load().products
        variant = first.variants[0]
        for wrong, expected in (
            (replace(first, title=second.title.upper()), "title"),
            (replace(first, description=second.description), "sentence"),
            (replace(first, slug="Not A Slug"), "slug"),
            (replace(first, title="Untrimmed "), "untrimmed"),
            (replace(first, picture="nothing"), "no drawing"),
            (replace(first, variants=(replace(variant, sku="a b"), *first.variants[1:])), "no SKU"),
            (replace(first, variants=(replace(variant, price=40001), *first.variants[1:])), "costs 40001"),
            (replace(first, variants=first.variants[:1]), "variant"),
        ):
            with self.subTest(expected):
                self.assertTrue(any(expected in fault for fault in demo_catalogue.faults(with_first(wrong))))


class APicture(unittest.TestCase):
    def test_is_the_same_every_time(self) -> None:
        self.assertEqual(pictures.picture("a-slug", "cup"), pictures.picture("a-slug", "cup"))

    def test_differs_between_products_of_one_drawing(self) -> None:
        self.assertEqual(len({pictures.picture(f"slug-{number}", "rug") for number in range(500)}), 500)

    def test_is_small_well_formed_and_without_scripts_whatever_the_drawing(self) -> None:
        for shape in pictures.shapes():
            svg = pictures.picture("a-slug", shape)
            self.assertLess(len(svg), pictures.MAX_BYTES)
            tags = {element.tag.rpartition("}")[2] for element in ElementTree.fromstring(svg).iter()}
            self.assertLessEqual(tags, {"svg", "style", "defs", "pattern", "g", "path", "circle", "ellipse", "rect"})

    def test_draws_nothing_that_no_product_uses(self) -> None:
        self.assertEqual({product.picture for product in demo_catalogue.load().products}, set(pictures.shapes()))


if __name__ == "__main__":
    unittest.main()

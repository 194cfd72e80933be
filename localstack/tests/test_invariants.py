"""Each invariant is broken once, alone, and the report says so."""

from __future__ import annotations

import io
import re
import unittest
from contextlib import redirect_stdout
from unittest import mock

import sound_shop
from sound_shop import ADA, BOB, CLOSED, GONE, LEFT, PAID, SKU, TEA, WAITING, Shop, at, money

from souk_local import invariants
from souk_local.kinds import KINDS
from souk_local.places import CHECKOUT
from souk_local.rules import accounts, catalogue, orders, rows, shelves, stock
from souk_local.rules import money as money_rules
from souk_local.till import Intent

STOCK, ORDER, CART, PAYMENT = f"STOCK#{SKU}#0 STOCK", "ORDER#{} ORDER", "CART#{} CART", "PAYMENT#{} PAYMENT"
PROFILE = "USER#{} PROFILE"


class Invariants(unittest.TestCase):
    def setUp(self) -> None:
        self.shop = Shop()

    def broken(self, *checks: object) -> list[str]:
        """Holds that exactly these are broken; gives what is said of them."""
        report = invariants.judge(self.shop.snapshot())
        broken = [rule.check for rule, finding in report.findings if finding.violations]
        self.assertEqual(broken, [rule.check for rule in invariants.RULES if rule.check in checks], [str(v) for v in report.violations])
        return [f"{violation.subject}: {violation.text}" for violation in report.violations]

    def change_order(self, id: str, **changes: object) -> None:
        self.shop.change(ORDER.format(id), **changes)

    def test_a_sound_shop_breaks_none(self) -> None:
        self.broken()

    def test_each_invariant_is_broken_by_a_test(self) -> None:
        source = (CHECKOUT / "localstack" / "tests" / "test_invariants.py").read_text()
        named = set(re.findall(r"\b(?:stock|catalogue|shelves|orders|money_rules|accounts|rows)\.\w+", source))
        modules = {
            "stock": stock,
            "catalogue": catalogue,
            "shelves": shelves,
            "orders": orders,
            "money_rules": money_rules,
            "accounts": accounts,
            "rows": rows,
        }
        self.assertEqual({f"{name}.{rule.check.__name__}" for name, module in modules.items() for rule in module.RULES} - named, set())

    # Goods

    def test_parts_that_are_not_the_whole(self) -> None:
        self.shop.change(STOCK, available=6)
        self.assertEqual(self.broken(stock.parts), [f"{SKU}: expected on_hand 11 (available 6, reserved 3, committed 2), found 10"])

    def test_a_number_below_zero(self) -> None:
        self.shop.change(STOCK, on_hand=4, available=-1)
        self.shop.change(f"LEDGER#{SKU} 2", delta=-8)
        self.assertIn("nothing below zero", self.broken(stock.parts, shelves.lists)[0])

    def test_a_ledger_that_tells_of_other_goods(self) -> None:
        self.shop.drop(f"LEDGER#{SKU} 2")
        self.broken(stock.ledger)

    def test_goods_that_nobody_holds(self) -> None:
        self.shop.change(STOCK, reserved=4, available=4)
        self.broken(stock.reserved)

    def test_goods_that_nobody_paid_for(self) -> None:
        self.shop.change(STOCK, committed=3, available=4)
        self.broken(stock.committed)

    def test_goods_that_were_shipped_are_not_waited_for(self) -> None:
        lines = self.shop.rows[ORDER.format(PAID)]["lines"]
        self.change_order(PAID, lines=[{**lines[0], "shipped": 2}])
        self.shop.change(STOCK, committed=0, on_hand=8)
        self.shop.change(f"LEDGER#{SKU} 2", delta=-4)
        self.broken()

    def test_a_hold_of_a_paid_order_is_still_reserved(self) -> None:
        self.shop.add(sound_shop.hold(PAID, 2))
        self.shop.change(STOCK, reserved=5, committed=0)
        self.assertIn("no hold, for the order is confirmed", self.broken(stock.holds)[0])

    def test_an_order_that_waits_without_a_hold(self) -> None:
        self.shop.drop(f"HOLD#{WAITING} HOLD")
        self.shop.change(STOCK, reserved=0, available=8)
        self.broken(stock.holds)

    def test_a_hold_over_other_goods_than_the_order(self) -> None:
        self.shop.change(f"HOLD#{WAITING} HOLD", lines={SKU: 2})
        self.shop.change(STOCK, reserved=2, available=6)
        self.broken(stock.holds)

    def test_a_hold_that_outlives_its_order(self) -> None:
        self.change_order(WAITING, expires_at=at(-5.1))
        self.broken(stock.overdue)

    def test_a_hold_lasts_as_long_as_the_extended_order(self) -> None:
        self.shop.change(f"HOLD#{WAITING} HOLD", expires_at=at(-30))
        self.broken()

    def test_somebody_who_waits_in_one_row_only(self) -> None:
        self.shop.drop("ALERTS#abc 00")
        self.assertEqual(self.broken(stock.alerts), [f"{GONE}: expected an alert of abc to have its slot, found none"])
        self.shop = Shop()
        self.shop.drop(f"ALERT#{GONE} abc")
        self.broken(stock.alerts)

    def test_somebody_who_waits_for_what_can_be_bought(self) -> None:
        for alert in sound_shop.waiting(SKU, "abc", slot=1):
            self.shop.add(alert)
        self.assertEqual(self.broken(stock.alerts), [f"{SKU}: expected nobody to wait for what can be bought, found 5 available"])

    def test_an_alert_that_expired_is_nobodys(self) -> None:
        alert, _ = sound_shop.waiting(SKU, "abc", slot=1, days=-1)
        self.shop.add(alert)
        self.broken()

    # Shelves

    def test_categories_in_a_circle(self) -> None:
        self.shop.change("CATEGORIES CAT#cat_1", parent_id="cat_2")
        self.broken(shelves.tree)

    def test_a_category_below_one_that_is_gone(self) -> None:
        self.shop.change("CATEGORIES CAT#cat_1", parent_id="cat_9")
        self.assertIn("cat_9 above it, which is not there", self.broken(shelves.tree)[0])

    def test_a_sixth_level(self) -> None:
        for number in range(3, 7):
            id = f"cat_{number}"
            self.shop.add(sound_shop.row("catalog", "category", "CATEGORIES", f"CAT#{id}", id=id, parent_id=f"cat_{number - 1}"))
        self.assertEqual(self.broken(shelves.tree), ["cat_6: expected at most 5 levels, found more, or a circle"])
        self.shop.drop("CATEGORIES CAT#cat_6")
        self.broken()

    def test_a_product_whose_category_does_not_know_it(self) -> None:
        self.shop.drop("IN#cat_2 prod_1")
        self.broken(shelves.members)

    def test_a_category_that_has_a_product_of_another(self) -> None:
        self.shop.add(sound_shop.row("catalog", "member", "IN#cat_1", "prod_1", product_id="prod_1"))
        self.broken(shelves.members)

    def test_a_product_of_a_category_that_is_gone(self) -> None:
        self.shop.drop("CATEGORIES CAT#cat_2")
        self.broken(shelves.members)

    def test_a_list_that_shows_what_is_gone(self) -> None:
        self.shop.drop("PRODUCT#prod_1 PRODUCT")
        self.shop.drop("IN#cat_2 prod_1")
        self.broken(catalogue.variants, catalogue.slugs, shelves.lists)

    def test_a_product_that_no_list_shows(self) -> None:
        for key in ("PRODUCT#prod_1 LISTED", "LIST#STAFF prod_1", "LIST#ALL#NEWEST prod_1"):
            self.shop.drop(key)
        self.assertEqual(self.broken(shelves.lists), ["prod_1: expected to be listed, found not"])

    def test_a_list_that_lost_a_product(self) -> None:
        self.shop.drop("LIST#ALL#NEWEST prod_1")
        self.assertIn("a difference at LIST#ALL#NEWEST prod_1", self.broken(shelves.lists)[0])

    def test_a_list_that_kept_a_product_where_it_was(self) -> None:
        stale = {"id": "prod_1", "slug": "tea", "title": "Tea", "in_stock": True}
        self.shop.add(sound_shop.row("catalog", "listing", "LIST#ALL#PRICE", "000000000500#prod_1", **stale))
        self.broken(shelves.lists)

    def test_a_list_that_says_what_was_before(self) -> None:
        for change in ({"title": "Green tea"}, {"status": "archived"}):
            known = dict(self.shop.rows["PRODUCT#prod_1 PRODUCT"].item)
            self.shop.change("PRODUCT#prod_1 PRODUCT", **change)
            self.broken(catalogue.variants, shelves.lists)
            self.shop.change("PRODUCT#prod_1 PRODUCT", **known)

    def test_a_list_that_offers_what_is_sold_out(self) -> None:
        self.shop.change(STOCK, available=0, committed=7)
        self.broken(shelves.lists, stock.committed)

    # The catalogue

    def test_a_variant_that_says_other_than_its_product(self) -> None:
        image = {"url": "u", "alt": "a"}
        for changes in ({"title": "Coffee"}, {"tax_class": "standard"}, {"for_sale": False}, {"image": image}, {"position": 1}, {"retired": True}):
            with self.subTest(changes):
                self.shop = Shop()
                self.shop.change(STOCK, **changes)
                self.broken(catalogue.variants)

    def test_a_variant_without_a_product(self) -> None:
        self.shop.change(f"PRODUCT#{TEA} PRODUCT", skus=[])
        told = self.broken(catalogue.variants, shelves.lists)
        self.assertEqual(told[0], f"{SKU}: expected a variant of {TEA}, or one that is retired, found a row of no product")
        self.shop.change(STOCK, for_sale=False, retired=True)
        self.broken(shelves.lists)

    def test_a_product_without_a_variant_s_row(self) -> None:
        self.shop.change(f"PRODUCT#{TEA} PRODUCT", skus=[SKU, "TEA-250"])
        self.broken(catalogue.variants)

    def test_an_edit_that_was_never_finished(self) -> None:
        body = {"product_id": TEA, "offers": [{"retire": {"sku": "TEA-250"}}]}
        self.shop.add(sound_shop.row("catalog", "pending_edit", f"PRODUCT#{TEA}", "PENDING", **body))
        self.assertEqual(self.broken(catalogue.pending), [f"{TEA}: expected its last edit written whole, found 1 variants left"])

    def test_a_slug_that_leads_elsewhere(self) -> None:
        self.shop.change("SLUG#tea SLUG", product_id="prod_OTHER")
        self.broken(catalogue.slugs)
        self.shop.drop("SLUG#tea SLUG")
        self.broken(catalogue.slugs)

    def test_an_old_slug_still_leads_to_its_product(self) -> None:
        self.shop.add(sound_shop.row("catalog", "slug", "SLUG#darjeeling", "SLUG", product_id=TEA))
        self.broken(catalogue.slugs)
        self.shop.change(f"PRODUCT#{TEA} PRODUCT", former_slugs=["darjeeling"])
        self.broken()

    # Orders

    def test_a_cart_that_became_two_orders(self) -> None:
        self.change_order(CLOSED, cart_id=f"cart_{PAID}")
        self.shop.drop(CART.format(f"cart_{CLOSED}"))
        self.assertIn(f"expected one order at most, found {CLOSED} and {PAID}", self.broken(orders.carts)[0])

    def test_a_cart_that_names_another_order(self) -> None:
        self.shop.change(CART.format("cart_new"), status="ordered", order_id="ord_LOST")
        self.broken(orders.carts)

    def test_an_ordered_cart_that_is_open_again(self) -> None:
        self.shop.change(CART.format(f"cart_{PAID}"), status="open", order_id=None)
        self.broken(orders.carts)

    def test_a_cart_that_is_too_old_to_be_kept_is_not_missed(self) -> None:
        self.shop.drop(CART.format(f"cart_{PAID}"))
        self.broken(orders.carts)
        self.change_order(PAID, placed_at=at(-31 * 24 * 60))
        self.broken()

    def test_the_cart_of_somebody_who_left_is_not_missed(self) -> None:
        self.shop.drop(CART.format(f"cart_{PAID}"))
        erased = {"departed": None, "email": "erased@erased.invalid"}
        for changed, wrong in (({"departed": "addressee"}, [orders.carts]), ({"departed": "shopper"}, []), (erased, [])):
            self.change_order(PAID, **changed)
            self.broken(*wrong)

    def test_a_number_of_two_orders(self) -> None:
        self.change_order(CLOSED, number=self.shop.rows[ORDER.format(PAID)]["number"])
        self.broken(orders.numbers)

    def test_a_number_without_its_row(self) -> None:
        self.shop.drop("NUMBER#PAID-0000-00 NUMBER")
        self.broken(orders.numbers)

    def test_figures_that_do_not_add_up(self) -> None:
        self.change_order(CLOSED, shipping=money(489))
        self.assertEqual(self.broken(orders.figures), [f"{CLOSED}: expected total 989, not below zero, found 990"])

    def test_an_order_that_is_not_paid_and_says_so(self) -> None:
        self.change_order(PAID, payment_status="unpaid", captured=money(0))
        self.broken(orders.statuses)

    def test_an_order_that_waits_and_is_on_no_list(self) -> None:
        self.shop.drop(f"ORDER#{WAITING} DUE")
        self.broken(orders.due)

    def test_a_closed_order_that_is_still_on_the_list(self) -> None:
        self.shop.add(sound_shop.due(CLOSED))
        self.broken(orders.due)

    # Money

    def test_more_given_back_than_taken(self) -> None:
        self.shop.change(PAYMENT.format("pay_2"), refunded=money(1), captured=money(0))
        self.broken(money_rules.payments, money_rules.confirmed)

    def test_more_taken_than_asked_for(self) -> None:
        self.shop.change(PAYMENT.format("pay_3"), captured=money(991), refunded=money(991))
        self.broken(money_rules.payments)

    def test_a_payment_whose_status_hides_its_money(self) -> None:
        self.shop.change(PAYMENT.format("pay_1"), status="cancelled")
        self.broken(money_rules.payments)

    def test_a_payment_of_no_order(self) -> None:
        self.shop.add(sound_shop.payment("pay_9", "ord_LOST", "pending", 100, surplus=None))
        self.broken(money_rules.payments)

    def test_an_intent_of_two_payments(self) -> None:
        self.shop.add(sound_shop.payment("pay_9", WAITING, "cancelled", 1990, provider_id="pi_pay_2", surplus=None))
        self.broken(money_rules.intents)

    def test_money_with_the_provider_that_no_payment_knows_of(self) -> None:
        self.shop.intents.append(Intent("pi_stray", WAITING, 1990, sound_shop.NOW))
        self.assertEqual(self.broken(money_rules.provider), [f"pi_stray: expected 1990 kept of {WAITING}, as the provider says, found 0"])

    def test_refunds_of_more_than_was_captured(self) -> None:
        self.shop.add(sound_shop.refund("ref_4", "pay_3", CLOSED, "pending", 1))
        self.broken(money_rules.refunds)

    def test_a_refund_that_the_payment_does_not_know(self) -> None:
        self.shop.add(sound_shop.refund("ref_4", "pay_1", PAID, "succeeded", 1))
        self.broken(money_rules.refunds)

    def test_a_refund_that_failed(self) -> None:
        self.shop.add(sound_shop.refund("ref_4", "pay_1", PAID, "failed", 1))
        self.broken(money_rules.refunds)

    def test_an_order_that_was_confirmed_without_its_money(self) -> None:
        self.shop.change(PAYMENT.format("pay_1"), captured=money(0), status="pending")
        self.shop.intents = []
        self.assertIn("one payment of exactly 1490 kept, found nothing", self.broken(money_rules.confirmed)[0])

    def test_an_order_that_was_paid_twice(self) -> None:
        self.shop.add(sound_shop.payment("pay_9", PAID, "captured", 1490, 1490, surplus=True))
        self.shop.add(sound_shop.attempts(PAID, "pay_1", "pay_1", "pay_9"))
        self.broken(money_rules.confirmed)

    def test_money_of_an_order_that_is_not_confirmed(self) -> None:
        for id, payer in ((WAITING, "pay_2"), (CLOSED, "pay_3")):
            self.shop = Shop()
            self.shop.intents = []
            self.shop.change(PAYMENT.format(payer), status="captured", captured=money(990), amount=money(990), refunded=money(0))
            self.shop.drop(f"ORDER#{id} ATTEMPTS")
            self.shop.add(sound_shop.attempts(id, payer, payer))
            if id == CLOSED:
                self.shop.drop("PAYMENT#pay_3 REFUND#ref_3")
            self.broken(money_rules.confirmed)

    def test_money_that_another_payment_is_said_to_have_brought(self) -> None:
        self.shop.add(sound_shop.payment("pay_9", PAID, "cancelled", 1490))
        self.shop.add(sound_shop.attempts(PAID, "pay_9", "pay_9", "pay_1"))
        self.assertEqual(self.broken(money_rules.paid_by), [f"pay_1: expected surplus, for it took money and pay_9 paid {PAID}, found surplus False"])

    def test_what_paid_and_is_called_surplus(self) -> None:
        self.shop.change(PAYMENT.format("pay_1"), surplus=True)
        self.broken(money_rules.paid_by)

    def test_payments_that_no_attempts_list(self) -> None:
        self.shop.drop(f"ORDER#{WAITING} ATTEMPTS")
        self.broken(money_rules.attempts)
        self.shop.add(sound_shop.attempts(WAITING, "pay_1", None))
        self.assertEqual(len(self.broken(money_rules.attempts)), 2)
        self.shop.add(sound_shop.attempts(WAITING, "pay_2", "pay_8"))
        self.broken(money_rules.attempts)

    def test_payments_of_a_release_without_attempts_are_listed_nowhere(self) -> None:
        self.shop.drop(f"ORDER#{PAID} ATTEMPTS")
        self.shop.change(PAYMENT.format("pay_1"), surplus=None)
        self.broken()

    def test_an_order_that_nobody_reconciles(self) -> None:
        self.shop.change(f"ORDER#{WAITING} ATTEMPTS", looked_at=at(-31))
        self.broken(money_rules.unsettled)

    def test_an_order_that_reconciling_cannot_find(self) -> None:
        self.shop.change(f"ORDER#{WAITING} ATTEMPTS", gsi1pk=None)
        self.broken(money_rules.unsettled)

    # Accounts

    def test_an_address_of_nobody(self) -> None:
        self.shop.add(sound_shop.claim(LEFT, "left@example.com"))
        self.assertEqual(
            self.broken(accounts.claims, accounts.forgotten),
            [
                f"{LEFT}: expected an account with the address that it confirmed, found no such account",
                f"{LEFT}: expected nothing of whoever left, found email EMAIL in users",
            ],
        )

    def test_an_address_of_two(self) -> None:
        self.shop.change(PROFILE.format(ADA), email="bob@example.com")
        self.assertEqual(
            self.broken(accounts.claims),
            [
                f"{ADA}: expected an account with the address that it confirmed, found another address",
                f"{ADA}: expected its address to be its own, found that of {BOB}",
            ],
        )

    def test_an_account_whose_address_is_only_promised(self) -> None:
        self.shop.add(sound_shop.claim(ADA, "ada@example.com", confirmed=False))
        self.broken(accounts.claims)

    def test_an_account_of_the_first_release_claims_its_address_later(self) -> None:
        self.shop.drop("EMAIL#ada@example.com EMAIL")
        self.assertEqual(self.broken(accounts.claims), [f"{ADA}: expected its address to be its own, found nobody's"])
        self.shop.change(PROFILE.format(ADA), gsi1pk=None)
        self.broken()

    def test_an_admin_who_is_on_no_list(self) -> None:
        self.shop.change("STAFF ADMINS", admins=[])
        self.assertEqual(self.broken(accounts.admins), [f"{BOB}: expected a place in the list of admins, found none"])

    def test_a_list_of_admins_who_are_none(self) -> None:
        for changes in ({"status": "disabled"}, {"groups": ["support"]}):
            self.shop.change(PROFILE.format(BOB), **{"status": "active", "groups": ["admin"], **changes})
            self.assertEqual(self.broken(accounts.admins), [f"{BOB}: expected an active admin, for it is listed as one, found none"])

    def test_an_address_that_nobody_counts(self) -> None:
        self.shop.add(sound_shop.row("users", "address", f"USER#{ADA}", "ADDRESS#addr_2", id="addr_2"))
        self.assertEqual(self.broken(accounts.books), [f"{ADA}: expected address_count 2, as many as there are, found 1"])

    def test_an_address_book_that_is_too_long(self) -> None:
        for number in range(2, 22):
            self.shop.add(sound_shop.row("users", "address", f"USER#{ADA}", f"ADDRESS#addr_{number}", id=f"addr_{number}"))
        self.shop.change(PROFILE.format(ADA), address_count=21)
        self.assertEqual(self.broken(accounts.books), [f"{ADA}: expected 20 addresses at most, found 21"])

    def test_addresses_of_no_account(self) -> None:
        nobody = ADA.replace("a", "d")
        self.shop.add(sound_shop.row("users", "address", f"USER#{nobody}", "ADDRESS#addr_9", id="addr_9"))
        self.broken(accounts.books)

    def test_something_beside_a_tombstone(self) -> None:
        self.shop.add(sound_shop.row("users", "address", f"USER#{LEFT}", "ADDRESS#addr_9", id="addr_9"))
        self.assertEqual(self.broken(accounts.tombstones), [f"{LEFT}: expected nothing beside the tombstone, found address ADDRESS#addr_9"])

    def test_something_of_whoever_left(self) -> None:
        self.shop.change(CART.format("cart_new"), owner={"by": [{"user_id": LEFT}]})
        self.assertEqual(self.broken(accounts.forgotten), [f"{LEFT}: expected nothing of whoever left, found cart CART in cart"])

    def test_an_event_that_tells_of_whoever_left_is_on_its_way(self) -> None:
        self.shop.change("OUTBOX#2026112312#0 01X", detail=f'{{"user_id":"{LEFT}"}}')
        self.broken()

    def test_a_counter_that_never_ends(self) -> None:
        for ttl in (None, int(sound_shop.NOW.timestamp()) - 3600):
            self.shop.change(f"TRIES#sign_in#0f {at(-15)}", ttl=ttl)
            self.broken(accounts.counters)

    # The rest

    def test_rows_that_nobody_writes(self) -> None:
        good = self.shop.rows["CART#cart_new CART"].item
        for changes in ({"type": "wish"}, {"schema": 2}, {"type": "tax_rates"}, {"id": 7}, {"id": "cart_other"}, {"version": None}, {"expires_at": "soon"}):
            with self.subTest(changes):
                self.shop.rows["CART#cart_new CART"] = sound_shop.Row("cart", {**good, **changes})
                self.broken(rows.readable)

    def test_an_event_that_waits(self) -> None:
        for minutes in (-5.1, 60):
            self.shop.change("OUTBOX#2026112312#0 01X", created_at=at(minutes))
            self.broken(rows.outbox)

    def test_a_notice_for_two_events(self) -> None:
        self.shop.add(sound_shop.mail(PAID, "02EVENT", "order_confirmed"))
        self.broken(rows.mails)

    def test_a_mail_that_is_never_sent(self) -> None:
        self.shop.add(sound_shop.mail(CLOSED, "02EVENT", "order_cancelled", "sending", -16))
        self.broken(rows.mails)

    def test_a_mail_that_left_twice(self) -> None:
        self.shop.mails *= 2
        self.broken(rows.mailbox)
        self.shop.possibly_repeated = {PAID}
        self.broken()

    def test_a_message_that_was_given_up(self) -> None:
        self.shop.dead_letters["souk-local-orders-relay-dead-letters"] = 2
        self.assertEqual(self.broken(rows.dead_letters), ["souk-local-orders-relay-dead-letters: expected no message, found 2"])


class Reports(unittest.TestCase):
    def told(self, shop: Shop) -> tuple[int, str]:
        with redirect_stdout(io.StringIO()) as output:
            status = invariants.tell(invariants.judge(shop.snapshot()))
        return status, output.getvalue()

    def test_a_sound_shop_is_told_with_what_was_counted(self) -> None:
        status, text = self.told(Shop())
        self.assertEqual(status, 0)
        self.assertIn("ok    reserved is what holds say  (1 holds)", text)
        self.assertIn(f"All {len(invariants.RULES)} invariants hold", text)

    def test_a_violation_is_told_with_ids_numbers_and_a_next_step(self) -> None:
        shop = Shop()
        shop.change(STOCK, reserved=4, available=4)
        status, text = self.told(shop)
        self.assertEqual(status, 1)
        self.assertIn(f"{SKU}: expected reserved 3, what the holds say, found 4\n", text)
        self.assertIn("next: ./scripts/logs <order id>", text)
        self.assertNotIn("in flight", text)

    def test_what_changed_a_moment_ago_may_be_in_flight(self) -> None:
        shop = Shop()
        shop.change(PAYMENT.format("pay_2"), status="captured", captured=money(1990), updated_at=at(-0.5))
        shop.add(sound_shop.attempts(WAITING, "pay_2", "pay_2"))
        status, text = self.told(shop)
        self.assertEqual(status, 1)
        self.assertIn("found 1990 of pay_2  [may be in flight]", text)
        self.assertIn("1 of them concern what changed less than a minute before", text)

    def test_settling_reads_until_nothing_is_wrong(self) -> None:
        wrong, right = Shop(), Shop()
        wrong.drop(f"ORDER#{WAITING} DUE")
        readings = iter([wrong, wrong, right, wrong])
        with mock.patch.object(invariants, "_PAUSE_SECONDS", 0):
            report = invariants.settled(lambda: next(readings).snapshot(), 60)
        self.assertEqual((report.readings, report.violations), (3, []))

    def test_without_settling_one_reading_decides(self) -> None:
        wrong = Shop()
        wrong.drop(f"ORDER#{WAITING} DUE")
        self.assertEqual(invariants.settled(wrong.snapshot, 0).readings, 1)


class Kinds(unittest.TestCase):
    def test_the_kinds_are_those_that_the_services_write(self) -> None:
        declared: dict[str, set[str | None]] = {}
        for path in [*CHECKOUT.glob("functions/*/src/**/*.rs"), *CHECKOUT.glob("shared/*/src/**/*.rs")]:
            table = path.relative_to(CHECKOUT).parts[1] if path.is_relative_to(CHECKOUT / "functions") else None
            released = path.read_text().partition("#[cfg(test)]\nmod")[0]
            for name in re.findall(r'const TYPE: &\'static str = "([^"]+)";', released):
                declared.setdefault(name, set()).add(table)
        self.assertEqual({name: {kind.table} for name, kind in KINDS.items()}, declared)

    def test_kinds_may_keep_ids_that_say_so_in_the_services(self) -> None:
        declaration = r'const TYPE: &\'static str = "([^"]+)";(?:\s*//[^\n]*)*\s*const PERSONAL: Personal =\s*Personal::(\w+)'
        sources = [*CHECKOUT.glob("functions/*/src/**/*.rs"), *CHECKOUT.glob("shared/*/src/**/*.rs")]
        declared = {name: kind for path in sources for name, kind in re.findall(declaration, path.read_text())}
        self.assertEqual({name for name, kind in KINDS.items() if kind.keeps_ids}, {name for name, kind in declared.items() if kind == "Keep"})


if __name__ == "__main__":
    unittest.main()

"""The commands behind ./scripts/."""

from __future__ import annotations

import argparse
import errno
import signal
import sys

from souk_local import (
    bench,
    build,
    checks,
    invariants,
    logs,
    mutant_runs,
    mutants,
    payments,
    people,
    reconcile,
    seed,
    shop,
    stripe_sandbox,
    watch,
    whole_test,
)
from souk_local.clients import BotoCoreError, ClientError, Clients
from souk_local.console import Failure, say, step
from souk_local.deploy import Deployment
from souk_local.places import Place
from souk_local.public_api import ApiError, Unreachable
from souk_local.stripe_sandbox import SandboxError

LOCAL = "local"


def main() -> int:
    # `| head` may stop reading.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    options = _parser().parse_args()
    try:
        return options.work(options) or 0
    except Failure as failure:
        return _failed(f"{failure}", failure.next_step)
    except (ApiError, Unreachable, SandboxError, seed.SeedError) as error:
        return _failed(f"{error}", "./scripts/logs with the request id shows why; ./scripts/reset starts anew")
    except (BotoCoreError, ClientError) as error:
        return _failed(f"AWS refused a call: {error}", "look into .souk/logs/")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return _failed("the disk is full", "make room, then run it again: it goes on from here")
    except KeyboardInterrupt:
        print("\nstopped; run it again to go on from here", file=sys.stderr)
        return 130


def _failed(reason: str, next_step: str) -> int:
    print(f"\nFAILED: {reason}", file=sys.stderr)
    if next_step:
        print(f"  next: {next_step}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="souk_local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    up = commands.add_parser("up", help="start the shop on this machine")
    up.add_argument("--port", type=int, help="of the emulator (4566)")
    up.set_defaults(work=_up)
    for name, work, text in (("down", _down, "stop the shop, keep its data"), ("reset", _reset, "stop the shop, delete its data")):
        commands.add_parser(name, help=text).set_defaults(work=work)
    status = commands.add_parser("status", help="what runs, and where")
    status.add_argument("--env", action="store_true", help='as lines for a shell: eval "$(./scripts/status --env)"')
    status.add_argument("--environment", default=LOCAL, help="whose; `test` is what ./scripts/test --keep leaves (local)")
    status.set_defaults(work=_status)

    building = commands.add_parser("build", help="build the functions for this machine, or for Lambda")
    building.add_argument("--release", action="store_true", help="for Lambda")
    building.add_argument("--architecture", choices=("arm64", "x86_64"), default="arm64", help="with --release (arm64)")
    building.set_defaults(work=_build)

    deploy = commands.add_parser("deploy", help="deploy to the running local shop, or to an AWS environment")
    deploy.add_argument("environment", nargs="?", default=LOCAL)
    deploy.add_argument("--service", help="this stack alone")
    deploy.add_argument("--set", action="append", default=[], metavar="Parameter=value", help="a template parameter")
    deploy.set_defaults(work=_deploy)

    watching = commands.add_parser("watch", help="serve the API from the sources, against the running shop")
    watching.add_argument("--port", type=int, help=f"to serve at ({watch.DEFAULT_PORT}; a free one with --smoke)")
    watching.add_argument("--environment", default=LOCAL, help="the shop that it reads and writes (local)")
    instead = watching.add_mutually_exclusive_group()
    instead.add_argument("--smoke", action="store_true", help="only buy something through it, then stop")
    instead.add_argument("--settings", action="store_true", help="only write the functions' settings, for sam local")
    watching.set_defaults(work=_watch)

    path = commands.add_parser("logs", help="the path of one order or request")
    path.add_argument("id", help="a correlation id, request id, order id or payment id")
    path.add_argument("--environment", default=LOCAL)
    path.set_defaults(work=_logs)

    checking = commands.add_parser("invariants", help="check that nothing is lost, doubled or invented, over all tables")
    checking.add_argument("environment", nargs="?", default=LOCAL)
    checking.add_argument("--settle", type=float, default=0, metavar="seconds", help="read again until nothing is wrong, at most so long (0)")
    checking.set_defaults(work=_invariants)

    mending = commands.add_parser("reconcile", help="hold orders against the payment provider's books, and mend what was missed")
    mending.add_argument("environment", nargs="?", default=LOCAL)
    mending.add_argument("--older-than", type=int, default=300, metavar="seconds", help="what nobody has looked at for so long (300)")
    mending.add_argument("--expire", action="store_true", help="close orders whose time to pay is over first")
    mending.set_defaults(work=_reconcile)

    admin = commands.add_parser("admin", help="manage staff").add_subparsers(dest="action", required=True)
    grant = admin.add_parser("grant", help="make a registered account staff")
    grant.add_argument("email")
    grant.add_argument("group", nargs="?", default="admin")
    grant.add_argument("--environment", default=LOCAL)
    grant.set_defaults(work=_grant)

    bench.add_commands(commands)
    commands.add_parser("check", help="lints, unit and contract tests").set_defaults(work=_check)
    mutating = commands.add_parser("mutants", help="prove that the tests notice: break one promise after the other")
    mutating.add_argument("names", nargs="*", help="words of the mutants' names (all)")
    mutating.add_argument("--list", action="store_true", help="only show them")
    mutating.add_argument("--cargo", action="store_true", help="every small change of the pure code, by cargo-mutants; names are files then")
    mutating.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    mutating.set_defaults(work=_mutants)
    test = commands.add_parser("test", help="everything, on a shop of its own")
    test.add_argument("--journeys", action="store_true", help="only the journeys")
    test.add_argument("--keep", action="store_true", help="leave that shop running, to look into it")
    test.set_defaults(work=_test)
    return parser


def _up(options: argparse.Namespace) -> None:
    shop.up(Place(LOCAL), options.port)


def _down(_: argparse.Namespace) -> None:
    with step("stopping the shop"):
        shop.down(Place(LOCAL))


def _reset(_: argparse.Namespace) -> None:
    with step("deleting the local shop's data"):
        shop.reset(Place(LOCAL))


def _status(options: argparse.Namespace) -> int:
    return shop.status(Place(options.environment), as_environment=options.env)


def _build(options: argparse.Namespace) -> None:
    if options.release:
        build.for_aws(options.architecture)
    else:
        build.for_this_machine()


def _deploy(options: argparse.Namespace) -> None:
    place = Place(options.environment)
    clients = Clients(place)
    parameters = dict(_assignment(text) for text in options.set)
    with shop.alone(place):
        if clients.is_emulated:
            build.for_this_machine()
            sandbox = stripe_sandbox.current(payments.folder(place))
            parameters = {**({"StripeApiUrl": sandbox.url} if sandbox else {}), **parameters}
        else:
            parameters = {"Architecture": build.architecture_of(build.functions()[0]), **parameters}
        deployment = Deployment(place, clients, parameters)
        if options.service:
            deployment.service(options.service)
        else:
            deployment.everything()
    say(f"    {deployment.value('api/url')}")


def _assignment(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign:
        raise Failure(f"{text!r} is not Parameter=value", "for example --set Currency=USD")
    return name, value


def _watch(options: argparse.Namespace) -> None:
    place = Place(options.environment)
    if options.settings:
        watch.write_settings(place)
    elif options.smoke:
        watch.smoke(place, options.port)
    else:
        watch.serve(place, options.port)


def _logs(options: argparse.Namespace) -> None:
    place = Place(options.environment)
    logs.show(place, Clients(place), options.id)


def _invariants(options: argparse.Namespace) -> int:
    place = Place(options.environment)
    with step(f"checking the invariants of {place.environment!r}") as progress:
        report = invariants.check(place, Clients(place), settle=options.settle, progress=progress)
    return invariants.tell(report)


def _reconcile(options: argparse.Namespace) -> int:
    place = Place(options.environment)
    invoke = reconcile.invoker(Clients(place), place)
    with step(f"reconciling the orders of {place.environment!r} with their payments"):
        failed = reconcile.expire(invoke) if options.expire else 0
        stuck = reconcile.tell(reconcile.reconcile(invoke, options.older_than))
    return 1 if failed or stuck else 0


def _grant(options: argparse.Namespace) -> None:
    place = Place(options.environment)
    people.grant(Clients(place), place, options.email, options.group)
    say(f"    {options.email} is in the group {options.group}; it counts from the next sign-in on")


def _check(_: argparse.Namespace) -> None:
    checks.check()


def _mutants(options: argparse.Namespace) -> int:
    if options.list:
        mutants.show(mutants.chosen(options.names, mutants.listed()))
        return 0
    if options.cargo:
        return mutants.by_cargo(options.names)
    return mutant_runs.run(options.names) if options.here else mutants.run_on_a_copy(options.names)


def _test(options: argparse.Namespace) -> None:
    whole_test.run_all(Place("test"), only_journeys=options.journeys, keep=options.keep)

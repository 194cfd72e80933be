"""Deploys and fills the shop from inside Compose, with the code of ./scripts/up, and buys something in it.

    AWS_ENDPOINT_URL   where the shop is deployed
    SOUK_SIDE_CAR      the emulator of Cognito and SES v2, if the first has none
    SOUK_GATEWAY       how the Stripe sandbox reaches the API
    SOUK_STRIPE_URL    how functions reach the Stripe sandbox
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from souk_local import demo_order, mailbox, payments, people, seed, shop, stripe_sandbox
from souk_local.artefacts import Artefacts
from souk_local.clients import LOCAL_REGION, Clients
from souk_local.console import Failure, say, step
from souk_local.deploy import Deployment
from souk_local.places import CHECKOUT, Place
from souk_local.public_api import Api
from souk_local.stacks import Stacks
from souk_local.stripe_sandbox import Sandbox


def clients_at(endpoint: str, place: Place) -> Clients:
    """Clients take their endpoint from the environment, as every AWS tool does."""
    os.environ["AWS_ENDPOINT_URL"] = endpoint
    return Clients(place)


def sign_in_parameters(place: Place, side_car: Clients) -> dict[str, str]:
    """Deploys the root template beside, for its user pool and mail identity, and names them for the shop's stack."""
    endpoint = str(side_car.endpoint)
    artefacts, stacks, name = Artefacts(side_car, place), Stacks(side_car), f"souk-{place.environment}"
    with step("making the user pool and the mail identity in the side car") as progress:
        artefacts.prepare()
        template = (CHECKOUT / "template.yaml").read_text(encoding="utf-8")
        parameters = {"Environment": place.environment, "BranchStack": "true", "EmulatorEndpoint": endpoint}
        stacks.deploy(name, artefacts.put_template("root", template), template, parameters, progress)

    def value(parameter: str) -> str:
        path = f"/souk/{place.environment}/{parameter}"
        return str(side_car("ssm").get_parameter(Name=path)["Parameter"]["Value"])

    secret = side_car("secretsmanager").get_secret_value(SecretId=f"{name}-app-client")["SecretString"]
    return {
        "UserPoolId": value("auth/user-pool-id"),
        "UserPoolClientId": value("auth/client-id"),
        "UserPoolClientSecret": str(secret),
        "MailIdentityArn": f"arn:aws:ses:{LOCAL_REGION}:{side_car.account}:identity/{value('mail/sender')}",
        "SignInEndpoint": endpoint,
    }


def deploy(place: Place, endpoint: str, side_car_endpoint: str | None, gateway: str, stripe_url: str) -> None:
    parameters = {"StripeApiUrl": stripe_url}
    clients = clients_at(endpoint, place)
    beside = clients_at(side_car_endpoint, place) if side_car_endpoint else clients
    if side_car_endpoint:
        parameters |= sign_in_parameters(place, beside)
    deployment = Deployment(place, clients, parameters)
    deployment.everything()
    api_url = deployment.value("api/url")
    sandbox = Sandbox(stripe_url, 0, Path())
    payments.connect(place, clients, sandbox, api_url.replace(endpoint, gateway, 1))
    with step("signing in the demo people"):
        known = people.ensure(place, beside, Api(api_url))
    with step("filling the shop") as progress:
        summary = seed.run(api_url, people.access_token(Api(api_url), known["admin"]), progress=progress.show)
        say(f"    {summary}")
    with step("placing a demo order"):
        bought = demo_order.place(
            api_url,
            lambda secret: stripe_sandbox.pay(secret, sandbox_url=stripe_url),
            lambda: mailbox.messages(str(beside.endpoint)),
            lambda text: say(f"    {text}"),
        )
    say(demo_order.format_mail(bought.mail))
    shop.describe(place, clients, api_url, "http://127.0.0.1:8420")
    say("  Mailbox   http://127.0.0.1:8025")


def main() -> int:
    setting = os.environ
    try:
        deploy(
            Place("local"), setting["AWS_ENDPOINT_URL"], setting.get("SOUK_SIDE_CAR"), setting["SOUK_GATEWAY"],
            setting["SOUK_STRIPE_URL"],
        )
    except Failure as failure:
        sys.stderr.write(f"\nFAILED: {failure}\n  next: {failure.next_step}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Completes an API on MiniStack, whose importer drops what the gateway answers by itself.

AWS and LocalStack take preflights and gateway responses from the template; MiniStack keeps only methods, authorizers and
integrations of it. The values come from the deployed template, so there is still one source.
"""

from __future__ import annotations

from typing import Any

from souk_local.clients import Clients

_STAGE = "v1"


def complete(clients: Clients, stack: str, api_id: str) -> None:
    """Puts gateway responses and preflight answers, and deploys the API once more so that they act."""
    body = _body(clients, stack)
    gateway = clients("apigateway")
    for kind, response in body.get("x-amazon-apigateway-gateway-responses", {}).items():
        gateway.put_gateway_response(
            restApiId=api_id,
            responseType=kind,
            statusCode=str(response["statusCode"]),
            responseParameters=response.get("responseParameters", {}),
            responseTemplates={
                # MiniStack knows the route of a request but not its path.
                content_type: text.replace("$context.path", "/$context.stage$context.resourcePath")
                for content_type, text in response.get("responseTemplates", {}).items()
            },
        )
    for resource in _resources(gateway, api_id):
        if "OPTIONS" in resource.get("resourceMethods", {}):
            operation = body["paths"].get(resource["path"], {}).get("options", {})
            _put_preflight(gateway, api_id, resource["id"], operation["x-amazon-apigateway-integration"])
    gateway.create_deployment(restApiId=api_id, stageName=_STAGE)


def _body(clients: Clients, stack: str) -> dict[str, Any]:
    template = clients("cloudformation").get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    return dict(template["Resources"]["Api"]["Properties"]["Body"])


def _resources(gateway: Any, api_id: str) -> list[dict[str, Any]]:
    resources: list[dict[str, Any]] = []
    for page in gateway.get_paginator("get_resources").paginate(restApiId=api_id, embed=["methods"]):
        resources.extend(page["items"])
    return resources


def _put_preflight(gateway: Any, api_id: str, resource_id: str, integration: dict[str, Any]) -> None:
    method = {"restApiId": api_id, "resourceId": resource_id, "httpMethod": "OPTIONS"}
    gateway.put_integration(**method, type="MOCK", requestTemplates=integration.get("requestTemplates", {}))
    for response in integration["responses"].values():
        gateway.put_integration_response(
            **method,
            statusCode=str(response["statusCode"]),
            responseParameters=response.get("responseParameters", {}),
            responseTemplates=response.get("responseTemplates", {}),
        )

"""Sends a file to the address and with the fields of a presigned POST."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

from souk_local.public_api import ApiError, Unreachable, connect

TIMEOUT = 30.0


def post_file(url: str, fields: Mapping[str, str], content_type: str, content: bytes) -> None:
    """One multipart form: the fields as they were given, the file last, as S3 wants it."""
    boundary = f"souk-{secrets.token_hex(12)}"
    body = form(boundary, fields, content_type, content)
    target = urlsplit(url)
    connection = connect(target, TIMEOUT)
    try:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        connection.request("POST", (target.path or "/") + (f"?{target.query}" if target.query else ""), body, headers)
        response = connection.getresponse()
        answer = response.read()
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"upload to {target.netloc}: {error or type(error).__name__}") from error
    finally:
        connection.close()
    if not 200 <= response.status < 300:
        raise ApiError(f"upload to {url}", response.status, {"detail": answer[:300].decode("utf-8", "replace")})


def form(boundary: str, fields: Mapping[str, str], content_type: str, content: bytes) -> bytes:
    """The body of the form."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="picture"\r\n'
        f"Content-Type: {content_type}\r\n\r\n"
    )
    return "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()

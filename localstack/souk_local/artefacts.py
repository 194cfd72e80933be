"""Uploads bootstraps under the hash of their content, and points templates at them, as `sam package` does."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from souk_local.clients import ClientError, Clients, code_of
from souk_local.console import Failure, Progress
from souk_local.places import BOOTSTRAPS, Place

_CODE_URI = re.compile(r"^(\s*)CodeUri: \S*target/lambda/([a-z0-9-]+)/?\s*$", re.MULTILINE)
_SSM_REFERENCE = re.compile(r"\{\{resolve:ssm:(/souk/\$\{Environment\}/([a-z/-]+))\}\}")
_REMEMBERED = "hashes.json"


class Artefacts:
    """The bucket of code and templates; environments of one account share it, since content names what is in it."""

    def __init__(self, clients: Clients, place: Place) -> None:
        self._s3 = clients("s3")
        self._place = place
        self.bucket = f"souk-artefacts-{clients.account}-{clients.region}"
        self._region = clients.region
        self._base = f"{clients.endpoint}/{self.bucket}" if clients.endpoint else f"https://{self.bucket}.s3.{self._region}.amazonaws.com"
        self._remembered: dict[str, list[object]] = json.loads(place.read(_REMEMBERED) or "{}")
        self._present: set[str] = set()
        self._used: set[str] = set()

    def prepare(self) -> None:
        """Makes the bucket when there is none, and notes what it holds."""
        location = {} if self._region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self._region}}
        try:
            self._s3.create_bucket(Bucket=self.bucket, **location)
        except ClientError as error:
            if code_of(error) not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            self._present.update(entry["Key"] for entry in page.get("Contents", []))

    def package(self, template: str, values: dict[str, int], progress: Progress) -> str:
        """The template with its code uploaded, and its references pinned to the versions of `values`.

        CloudFormation compares texts: without the version, a changed value would never reach a function.
        """
        names = [match.group(2) for match in _CODE_URI.finditer(template)]
        keys = self._upload(names, progress)

        def code(match: re.Match[str]) -> str:
            return f"{match.group(1)}CodeUri: {{Bucket: {self.bucket}, Key: {keys[match.group(2)]}}}"

        def pinned(match: re.Match[str]) -> str:
            version = values.get(match.group(2))
            if version is None:
                raise Failure(f"no stack writes the parameter {match.group(1)}", "add it to template.yaml")
            return f"{{{{resolve:ssm:{match.group(1)}:{version}}}}}"

        return _SSM_REFERENCE.sub(pinned, _CODE_URI.sub(code, template))

    def put_template(self, name: str, text: str) -> str:
        """Uploads a packaged template and answers its URL: a template in the request itself may have 51,200 bytes."""
        key = f"templates/{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.yaml"
        if key not in self._present:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
            self._present.add(key)
        return f"{self._base}/{key}"

    def drop_unused_code(self) -> None:
        """Deletes the code of earlier builds, which a laptop has no room for. Not on AWS: a rollback needs it."""
        for key in sorted(key for key in self._present - self._used if key.startswith("code/")):
            self._s3.delete_object(Bucket=self.bucket, Key=key)
            self._present.discard(key)

    def _upload(self, names: list[str], progress: Progress) -> dict[str, str]:
        with ThreadPoolExecutor(max_workers=4) as pool:
            keys: dict[str, str] = {}
            for done, (name, key) in enumerate(zip(names, pool.map(self._upload_one, names), strict=True), start=1):
                keys[name] = key
                progress.show(f"code {done} of {len(names)}: {name}")
        self._place.write(_REMEMBERED, json.dumps(self._remembered))
        return keys

    def _upload_one(self, name: str) -> str:
        path = BOOTSTRAPS / name / "bootstrap"
        if not path.is_file():
            raise Failure(f"the function {name} is not built", "./scripts/build")
        key = f"code/{name}-{self._hash(path)[:32]}.zip"
        self._used.add(key)
        if key not in self._present:
            self._s3.put_object(Bucket=self.bucket, Key=key, Body=archive(path.read_bytes()))
            self._present.add(key)
        return key

    def _hash(self, path: Path) -> str:
        stat = path.stat()
        stamp: list[object] = [stat.st_mtime_ns, stat.st_size]
        known = self._remembered.get(str(path))
        if known and known[:2] == stamp:
            return str(known[2])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._remembered[str(path)] = [*stamp, digest]
        return digest


def archive(bootstrap: bytes) -> bytes:
    """A zip file that depends on nothing but the content: no clock, no user, no file mode of this machine."""
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as output:
        output.writestr(entry, bootstrap, compresslevel=1)
    return buffer.getvalue()

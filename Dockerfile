# syntax=docker/dockerfile:1

# The pinned compiler, without its Debian: see below.
FROM rust:1.95.0-slim-bookworm AS toolchain

# Functions are built where Lambda runs them: Amazon Linux 2023 has the C library of the runtime provided.al2023, and a
# newer one would link symbols that are not there.
FROM public.ecr.aws/amazonlinux/amazonlinux:2023 AS functions
# hadolint ignore=DL3041
RUN dnf install -y gcc gcc-c++ && dnf clean all
COPY --from=toolchain /usr/local/rustup /usr/local/rustup
COPY --from=toolchain /usr/local/cargo /usr/local/cargo
ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:$PATH
WORKDIR /souk
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY .cargo .cargo
COPY shared shared
COPY functions functions
COPY docs/openapi.json docs/openapi.json
# The dev profile, as ./scripts/up uses it: a release build of every function links for a long time.
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/souk/target \
    cargo build --locked --workspace --bins \
    && for built in target/debug/*-*; do \
         if [ -f "$built" ] && [ -x "$built" ]; then install -D "$built" "/lambda/${built##*/}/bootstrap"; fi; \
       done

# The Python side: deployment, MiniStack and the Stripe sandbox, one image for the three.
FROM python:3.12-slim-bookworm AS tools
ENV PYTHONPATH=/souk/localstack PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /souk
COPY localstack/requirements.txt localstack/requirements.txt
RUN pip install --no-cache-dir --disable-pip-version-check -r localstack/requirements.txt \
    && useradd --create-home --uid 10001 souk \
    && install -d -o souk -g souk /souk/.souk /state
COPY localstack localstack
USER 10001

# The one-shot deployment: the tools, the templates and every function.
FROM tools AS deploy
COPY template.yaml template.yaml
COPY functions functions
COPY --from=functions /lambda target/lambda
CMD ["python", "localstack/compose/deploy.py"]

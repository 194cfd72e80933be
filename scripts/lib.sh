# shellcheck shell=bash
# What the scripts share: a private Python with the pinned tools, then one command of localstack/souk_local.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv="$root/.souk/venv"
logs="$root/.souk/logs"

fail() { # reason, next step
    printf '\nFAILED: %s\n  next: %s\n' "$1" "$2" >&2
    exit 1
}

find_python() {
    local candidate
    for candidate in "${SOUK_PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
        if [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
    fail "there is no Python 3.10 or newer" "install Python 3, or point SOUK_PYTHON at one"
}

# Installs a requirements file into the venv unless exactly that was done before, so that it also works offline.
require() { # requirements file
    local file="$root/localstack/$1" stamp="$venv/.$1" wanted log="$logs/$1.log" python started
    wanted="$(cksum <"$file") $root"
    if [ -x "$venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    mkdir -p "$logs"
    python=$(find_python)
    started=$(date +%s)
    printf '==> installing the Python tools of localstack/%s\n' "$1"
    # A venv remembers its own path: one that was moved with its folder is made again.
    if ! "$venv/bin/python" -c 'import sys; sys.exit(0)' 2>/dev/null || [ "$(cat "$venv/.root" 2>/dev/null)" != "$root" ]; then
        rm -rf "$venv"
        make_venv "$python" "$log"
        printf '%s' "$root" >"$venv/.root"
    fi
    if ! install "$python" "$file" "$log"; then
        tail -n 3 "$log" >&2
        fail "pip could not install localstack/$1" "this needs the network once; all output is in $log"
    fi
    printf '%s' "$wanted" >"$stamp"
    printf '    %s s\n' "$(($(date +%s) - started))"
}

make_venv() { # python, log
    if "$1" -m venv "$venv" >"$2" 2>&1; then
        return
    fi
    # Debian without python3-venv lacks only pip in the venv, and the pip outside can install into it.
    rm -rf "$venv"
    if "$1" -m venv --without-pip "$venv" >>"$2" 2>&1 && "$1" -m pip --version >>"$2" 2>&1; then
        return
    fi
    rm -rf "$venv"
    fail "this Python cannot make a virtual environment" "install python3-venv (apt install python3-venv), then run this again"
}

install() { # python, file, log
    if "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        "$venv/bin/python" -m pip install --disable-pip-version-check --quiet -r "$2" >"$3" 2>&1
    else
        "$1" -m pip --python "$venv/bin/python" install --disable-pip-version-check --quiet -r "$2" >"$3" 2>&1
    fi
}

souk() { # command and its arguments
    require requirements.txt
    cd "$root"
    PYTHONPATH="$root/localstack" PYTHONDONTWRITEBYTECODE=1 exec "$venv/bin/python" -m souk_local "$@"
}

"""LocalStack runs this when it is ready: without Docker's socket no function would ever start, so say it at once."""

import os
import stat

SOCKET = "/var/run/docker.sock"

if not os.path.exists(SOCKET) or not stat.S_ISSOCK(os.stat(SOCKET).st_mode):
    raise RuntimeError(f"{SOCKET} is not Docker's socket: mount it, or run docker-compose.ministack.yml instead")

"""`python -m souk_local <command>`."""

import sys

from souk_local.cli import main

sys.exit(main())

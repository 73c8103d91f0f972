"""Run the command line as `python -m wholefamily`."""

import sys

from wholefamily.command import main

sys.exit(main())

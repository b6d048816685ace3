#!/usr/bin/env python
"""Django's own commands, for developers. Users have `copyhold` and `make`."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "copyhold.web.settings")
execute_from_command_line(sys.argv)

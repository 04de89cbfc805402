"""What the process from which killed processes are forked holds ready: importing takes longest."""

import django
import pytest as pytest

django.setup()

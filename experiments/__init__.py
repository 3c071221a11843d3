"""Commands that train, measure and compare what the records and tables of the project hold."""

import os

# Before torch is imported, which experiments do at once: waiting threads sleep, see common.errors.run_command.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

"""The field's evaluation protocol, further measures, and the run record."""

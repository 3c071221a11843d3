"""Commands that train, measure and compare, and make the tables."""

from encoded_text.common.threads import bound_spinning

bound_spinning()  # before torch is imported, which experiments do at once

"""Commands that train, measure and compare what the records and tables of the project hold."""

from encoded_text.common.threads import bound_spinning

bound_spinning()  # before torch is imported, which experiments do at once

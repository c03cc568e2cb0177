"""Compile the reader ahead of need (`make setup`): the first poll of a new installation would wait for it."""

from controller.core.snmp import pdu

from .columns import Column
from .gather import QuickReader
from .quick import compiled

ONE = pdu.binding((1, 3, 6, 1, 1), bytes((2, 1, 1)))
COLUMNS = [Column((1, 3, 6, 1))]
READER = QuickReader(COLUMNS, len(COLUMNS), compiled())
READER.take(ONE, 0, len(ONE))
READER.finish()

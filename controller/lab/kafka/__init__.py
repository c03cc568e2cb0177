"""A real Apache Kafka broker (KRaft, one node) from ordinary Maven artifacts, for tests, the demo and `cordon lab kafka`."""

from .broker import KafkaBroker, broker_for_demo, jars

__all__ = ["KafkaBroker", "broker_for_demo", "jars"]

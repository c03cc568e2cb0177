"""Real parts for tests: a Kafka broker, a network in namespaces."""

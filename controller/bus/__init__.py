"""One bus protocol, two implementations: an embedded durable log and Apache Kafka."""

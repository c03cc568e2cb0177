"""Pure decisions: a request plus facts in, a judgement and a plan out. Guard rules and life cycle live here."""

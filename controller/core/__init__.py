"""Seams that every part shares: errors, clock, ids, log, settings, secrets."""

"""RADIUS dynamic authorization (RFC 5176) as an actuator for 802.1X ports: it ends a session, or has the port bounced.

It keeps nobody off: the machine authenticates again at once, and whether it is let in is the RADIUS server's decision.
"""

"""Route 53 on loopback: answers the stack's names by the state of health checks that are really made."""

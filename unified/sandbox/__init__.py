"""A simulated venue without a dialect. Adapters' `sandbox.py` files dress it up; nothing else imports it."""

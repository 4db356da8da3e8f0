"""The dialect that Binance and venues of its make speak: words and grammar, no venue.

Hosts, endpoints, weights, limits, error codes and promises stand in the adapters that speak it, which hand them in.
It is no adapter and has no entry point; adapters name it, it names none of them (docs/decisions/0010).
"""

"""How fast the library is, beside raw aiohttp + orjson and beside other clients: `make bench`, `make bench-quick`."""

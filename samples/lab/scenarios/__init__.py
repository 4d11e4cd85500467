"""Every scenario, by family. Importing a family registers its scenarios."""

from scenarios import (
    apps, browsers, closes, ends, files, hosts, http2, laundering, nat, opaque, proxies, refusals,
    silence, timers, tls, traffic, wss)

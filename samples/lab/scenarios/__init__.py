"""Every scenario, by family. Importing a family registers its scenarios."""

from scenarios import closes, ends, files, proxies, silence, tls, traffic

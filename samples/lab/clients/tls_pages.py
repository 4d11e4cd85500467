"""An HTTPS client on one connection: tls_pages.py HOST SECONDS PATH...

It asks for each path with as long a pause before each, and is idle for as long at the end.
"""

import http.client
import ssl
import sys
import time

host, seconds, *paths = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.set_alpn_protocols(["http/1.1"])
connection = http.client.HTTPSConnection(host, context=context)
connection.connect()
for path in paths:
    time.sleep(float(seconds))
    connection.request("GET", path)
    connection.getresponse().read()
time.sleep(float(seconds))
connection.close()

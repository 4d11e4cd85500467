"""A way into a TLS tunnel: tls_tunnel.py HOST KEYLOG

Takes one connection on 127.0.0.1:8443 and passes its bytes on to HOST:443, inside TLS."""

import contextlib
import select
import socket
import ssl
import sys


def main():
    host, log = sys.argv[1:]
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.keylog_filename = log
    with socket.create_server(("127.0.0.1", 8443)) as listener:
        near, _ = listener.accept()
    far = context.wrap_socket(socket.create_connection((host, 443)), server_hostname="tunnel")
    while True:
        # What TLS has decrypted already does not make its socket readable.
        ready = [far] if far.pending() else select.select([near, far], [], [])[0]
        for source in ready:
            data = source.recv(16384)
            if not data:
                with contextlib.suppress(ssl.SSLError):
                    far.unwrap()
                return
            (far if source is near else near).sendall(data)


main()

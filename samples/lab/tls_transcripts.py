#!/usr/bin/env python3
"""Makes the TLS transcripts that the unit tests of src/tls read: OpenSSL at both ends, a relay
between them that notes each chunk, and the session secrets that the server logged.

    ./tls_transcripts.py ../../src/tls/session/transcripts [NAME ...]

A transcript is lines of `key <line of the key log>`, `C <hex>` and `S <hex>` (chunks of client and
server in the order of sight), and `plain C <text>` / `plain S <text>` (all application data).
"""

import pathlib
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

CLIENT_TEXT = "GET /chat HTTP/1.1\n"
SERVER_TEXT = "HTTP/1.1 101 Switching Protocols\n"
TLS12, TLS13 = ["-tls1_2"], ["-tls1_3"]


def suite12(name):
    return {"client": [*TLS12, "-cipher", name + ":@SECLEVEL=0"], "server": ["-cipher", "ALL:@SECLEVEL=0"]}


def suite13(name):
    return {"client": [*TLS13, "-ciphersuites", name], "server": ["-ciphersuites", name]}


CASES = {
    "tls12-aes128-gcm": suite12("ECDHE-ECDSA-AES128-GCM-SHA256"),
    "tls12-aes256-gcm": suite12("ECDHE-ECDSA-AES256-GCM-SHA384"),
    "tls12-chacha20": suite12("ECDHE-ECDSA-CHACHA20-POLY1305"),
    "tls12-ccm": suite12("ECDHE-ECDSA-AES128-CCM"),
    "tls12-ccm8": suite12("ECDHE-ECDSA-AES256-CCM8"),
    "tls12-cbc-sha1-etm": suite12("ECDHE-ECDSA-AES128-SHA"),
    "tls12-cbc-sha256-etm": suite12("ECDHE-ECDSA-AES128-SHA256"),
    "tls12-cbc-sha384-etm": suite12("ECDHE-ECDSA-AES256-SHA384"),
    "tls12-cbc-sha1-mte": suite12("ECDHE-ECDSA-AES256-SHA"),
    "tls12-cbc-sha256-mte": suite12("ECDHE-ECDSA-AES128-SHA256"),
    "tls12-cbc-sha384-mte": suite12("ECDHE-ECDSA-AES256-SHA384"),
    "tls12-resumed": suite12("ECDHE-ECDSA-AES128-GCM-SHA256"),
    "tls12-renegotiated": suite12("ECDHE-ECDSA-AES128-GCM-SHA256"),
    "tls13-aes128-gcm": suite13("TLS_AES_128_GCM_SHA256"),
    "tls13-aes256-gcm": suite13("TLS_AES_256_GCM_SHA384"),
    "tls13-chacha20": suite13("TLS_CHACHA20_POLY1305_SHA256"),
    "tls13-ccm": suite13("TLS_AES_128_CCM_SHA256"),
    "tls13-ccm8": suite13("TLS_AES_128_CCM_8_SHA256"),
    "tls13-retry": suite13("TLS_AES_128_GCM_SHA256"),
    "tls13-key-update": suite13("TLS_AES_128_GCM_SHA256"),
    "tls13-padding": suite13("TLS_AES_128_GCM_SHA256"),
    "tls13-resumed": suite13("TLS_AES_256_GCM_SHA384"),
    "tls13-early-data": suite13("TLS_AES_128_GCM_SHA256"),
    "tls13-early-data-rejected": suite13("TLS_AES_128_GCM_SHA256"),
}


def relay(listener, port, chunks):
    """Passes one connection on and notes its chunks."""
    client, _ = listener.accept()
    server = socket.create_connection(("127.0.0.1", port))
    peers = {client: (server, "C"), server: (client, "S")}
    while peers:
        for ready in select.select(list(peers), [], [])[0]:
            peer, side = peers[ready]
            try:
                data = ready.recv(65536)
            except ConnectionError:
                data = b""
            if not data:
                for each in (client, server):
                    try:
                        each.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
                return
            chunks.append((side, data))
            peer.sendall(data)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def type_into(process, text, pause=0.3):
    process.stdin.write(text.encode())
    process.stdin.flush()
    time.sleep(pause)


def exchange(name, case, port, extra=()):
    """One connection: its chunks."""
    chunks = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=relay, args=(listener, port, chunks), daemon=True)
        thread.start()
        front = listener.getsockname()[1]
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{front}", "-quiet", "-no_ign_eof"]
        command += ["-servername", "ws.example.net", "-alpn", "http/1.1", *case["client"], *extra]
        if name.endswith("-mte"):
            command += ["-no_etm"]
        if name == "tls13-retry":
            command += ["-groups", "X25519:P-384"]
        client = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        return client, thread, chunks


def make(name, case, target):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        key, cert, log = folder / "key.pem", folder / "cert.pem", folder / "keys.log"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", cert, "-subj", "/CN=ws", "-days", "3650"], check=True, capture_output=True)
        port = free_port()
        command = ["openssl", "s_server", "-accept", str(port), "-key", key, "-cert", cert, "-keylogfile", log,
                   "-alpn", "http/1.1", *case["server"]]
        if name == "tls13-retry":
            command += ["-groups", "P-384"]
        if name == "tls12-renegotiated":
            command += ["-client_renegotiation"]
        if name == "tls13-padding":
            command += ["-record_padding", "256"]
        if name.startswith("tls13-early-data"):
            command += ["-early_data"]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.4)
        extra, early = [], ""
        session = folder / "session.pem"
        if "resumed" in name or "early" in name:
            client, thread, chunks = exchange(name, case, port, ["-sess_out", str(session)])
            type_into(client, "first\n", 0.6)
            client.stdin.close()
            client.wait()
            thread.join(5)
            extra = ["-sess_in", str(session)]
            if "early" in name:
                early = "GET /early HTTP/1.1\n"
                (folder / "early").write_text(early)
                extra += ["-early_data", str(folder / "early")]
            if "rejected" in name:
                # A session whose ticket was used before: the server's replay guard rejects early data.
                client, thread, chunks = exchange(name, case, port, extra)
                type_into(client, "again\n", 0.6)
                client.stdin.close()
                client.wait()
                thread.join(5)
                early = ""
        client, thread, chunks = exchange(name, case, port, extra)
        type_into(client, CLIENT_TEXT)
        type_into(server, SERVER_TEXT)
        client_text, server_text = early + CLIENT_TEXT, SERVER_TEXT
        if name == "tls12-renegotiated":
            type_into(client, "R\n")
        if name == "tls13-key-update":
            type_into(client, "K\n")
            type_into(server, "K\n")
            type_into(client, "k\n")
        type_into(client, "client again\n")
        type_into(server, "server again\n")
        client_text, server_text = client_text + "client again\n", server_text + "server again\n"
        client.stdin.close()
        time.sleep(0.3)
        try:
            client.wait(5)
            thread.join(5)
        finally:
            client.kill()
            server.kill()
        keys = [line for line in log.read_text().splitlines() if line and not line.startswith("#")]
        write(target / f"{name}.txt", keys, chunks, client_text, server_text)


def write(path, keys, chunks, client_text, server_text):
    random = next(data for side, data in chunks if side == "C")[11:43].hex()
    with path.open("w") as out:
        for line in keys:
            if random in line or "renegotiated" in path.name:
                out.write(f"key {line}\n")
        for side, data in chunks:
            out.write(f"{side} {data.hex()}\n")
        out.write("plain C {}\nplain S {}\n".format(*(text.replace("\n", "|") for text in (client_text, server_text))))


def main():
    target = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or CASES:
        make(name, CASES[name], target)
        print(name, (target / f"{name}.txt").stat().st_size)


main()

"""Kills an idle WebSocket with a real nginx, and times how soon whoclosed --follow tells it.

usage: live.py WHOCLOSED [OPTION OF TCPDUMP]...

Needs root, ip, nginx and tcpdump; exits with 77 where one is missing. A network namespace of its own holds
everything. Prints, for each kill, the seconds from the FIN's time in the capture to the line of JSON.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

SKIPPED = 77
IDLE = 3
KILLS = 3
NAMESPACE = f"whoclosed-{os.getpid()}"

CONFIGURATION = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
    fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:8080;
        location / {{
            proxy_pass http://127.0.0.1:9090; proxy_http_version 1.1; proxy_read_timeout {idle}s;
            proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;
        }}
    }}
}}
"""

REQUEST = (
    "GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ANSWER = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def talk():
    """The server behind nginx and its clients, all inside the namespace: each kill is one connection."""
    listener = socket.create_server(("127.0.0.1", 9090))

    def serve():
        while True:
            connection, _ = listener.accept()
            connection.recv(4096)
            connection.sendall(ANSWER.encode() + b"\x81\x02hi")
            threading.Thread(target=connection.recv, args=(1,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    for kill in range(KILLS):
        client = socket.create_connection(("127.0.0.1", 8080))
        client.sendall(REQUEST.encode())
        while client.recv(4096):
            pass
        # Some clients close at once, some never do.
        if kill % 2 == 0:
            client.close()
        else:
            LEFT_OPEN.append(client)
        time.sleep(0.3)
    time.sleep(4)


LEFT_OPEN = []


def wait_for_port(inside):
    for _ in range(100):
        listening = subprocess.run([*inside, "ss", "-Hltn"], capture_output=True, text=True).stdout
        if ":8080" in listening:
            return
        time.sleep(0.1)
    sys.exit("nginx does not listen")


def measure(whoclosed, folder, inside, started):
    """Starts everything and yields how late each verdict is."""
    configuration = os.path.join(folder, "nginx.conf")
    with open(configuration, "w") as out:
        out.write(CONFIGURATION.format(folder=folder, idle=IDLE))
    started.append(subprocess.Popen([*inside, "nginx", "-c", configuration]))
    wait_for_port(inside)
    dump = subprocess.Popen(
        [*inside, "tcpdump", "-i", "lo", "-s", "0", "-U", *sys.argv[2:], "-w", "-", "tcp", "port", "8080"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    started.append(dump)
    follow = subprocess.Popen(
        [whoclosed, "--follow", "--format", "ndjson", "-"], stdin=dump.stdout, stdout=subprocess.PIPE, text=True
    )
    started.append(follow)
    time.sleep(1)
    started.append(subprocess.Popen([*inside, sys.executable, __file__, "--talk"]))
    for _ in range(KILLS):
        line = json.loads(follow.stdout.readline())
        now = time.time_ns()
        fin = line["tcp_end"]["first"]
        yield {
            "late_s": round((now - fin["time"]["unix_ns"]) / 1e9, 3),
            "from": fin["from"],
            "party": line["verdict"]["party"],
            "cause": line["verdict"]["cause"],
        }
    dump.terminate()
    rest = json.loads(follow.stdout.read().splitlines()[-1])
    assert rest["summary"]["connections"] == KILLS, rest["summary"]
    assert follow.wait(10) == 0


def main():
    if sys.argv[1] == "--talk":
        return talk()
    if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("ip", "ss", "nginx", "tcpdump")):
        sys.exit(SKIPPED)
    if subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True).returncode != 0:
        sys.exit(SKIPPED)
    inside, started = ["ip", "netns", "exec", NAMESPACE], []
    folder = tempfile.mkdtemp()
    os.chmod(folder, 0o755)
    try:
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        for figure in measure(sys.argv[1], folder, inside, started):
            print(json.dumps(figure), flush=True)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(10)
        subprocess.run(["ip", "netns", "delete", NAMESPACE])
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

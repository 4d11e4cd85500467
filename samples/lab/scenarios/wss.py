"""WebSockets inside TLS of every kind, with the keys in the file, and their twins without TLS.

A case and its twin play the same steps, so that a report must tell the same of both, but for TLS:
`tests/twins.rs` holds the reports to that.
"""

import json
import subprocess

import versions
from cases import Case, scenario
from scenarios import configs
from scenarios.closes import BY_CLIENT
from scenarios.common import MIDDLE, PY_CLIENT, PY_SERVER, SERVER
from scenarios.tls import ALTERED, add_keys

CLIENT_JS, SERVER_JS = "clients/keyed_client.js", "servers/keyed_server.js"
BROWSER, TALK = "clients/keyed_browser.py", "openssl_talk.py"
STEPS = ["text hello", "message", "ping", "sleep 0.1", "binary 300", "message", "sleep 0.1", "close 1000 bye", "closed"]
TWO_ALTERED = ALTERED.replace("they open this one session", "they open these two sessions")

NO_ETM = 1 << 19
ECDHE, RSA = "ecdsa", "rsa"


def certificate(lab, kind=ECDHE):
    """A key with its certificate in one file, which nginx and HAProxy take as well."""
    lab.software.add(versions.of_tool("editcap"))
    pem = lab.scratch / "lab.pem"
    algorithm = ["rsa:2048"] if kind == RSA else ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command = ["openssl", "req", "-x509", "-newkey", *algorithm, "-nodes", "-subj", "/CN=lab", "-days", "30"]
    subprocess.run([*command, "-keyout", pem, "-out", lab.scratch / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    pem.write_text(pem.read_text() + (lab.scratch / "cert.pem").read_text())
    return pem


def keys(lab):
    return lab.scratch / "keys.log"


def secured(name, what, truth=None):
    truth = truth or [BY_CLIENT]
    return Case(name, suffix=".pcapng", alter=add_keys, gaps=True, truth=truth,
                altered=ALTERED if len(truth) == 1 else TWO_ALTERED,
                must=f"With the keys in the file: the client closed with 1000 `bye`, inside {what}.",
                must_not="An opaque connection: the keys are there.")


def twin(name, who):
    return Case(name, truth=[BY_CLIENT],
                must=f"The client closed with 1000 `bye`: what the cases over TLS say that {who} play.",
                must_not="Anything of TLS.")


def play(lab, options=None, server_options=None, kind=ECDHE, server=(), client=()):
    """The ws library on both sides, with these options of Node's tls on both."""
    options, server_options = options or {}, server_options or options or {}
    lab.server(SERVER_JS, *server, "--options", json.dumps(server_options), certificate(lab, kind))
    lab.run_client(CLIENT_JS, "--keylog", keys(lab), "--options", json.dumps(options), *client,
                   f"wss://{SERVER}/live", *STEPS)


def suite(version, cipher, kind=ECDHE, **more):
    """A case for one cipher suite, in OpenSSL's name for it."""
    number = {"TLSv1.2": "12", "TLSv1.3": "13"}[version]
    short = cipher.lower().replace("ecdhe-ecdsa-", "").replace("tls_", "").replace("_", "-")
    tail = "-mte" if more.get("secureOptions") else ""
    name = f"wss{number}-{'rsa-' if kind == RSA else ''}{short}{tail}"
    how = ", MAC then encrypt" if tail else ""

    def scene(lab):
        options = {"minVersion": version, "maxVersion": version, "ciphers": cipher, **more}
        if version == "TLSv1.2":
            options["ciphers"] += ":@SECLEVEL=0"
        play(lab, options, kind=kind)

    scene.__doc__ = (f"The ws library on both sides says hello, pings, sends bytes and closes normally, over TLS "
                     f"{version[4:]} with the cipher suite that OpenSSL calls {cipher}{how}.")
    scenario(secured(name, f"TLS {version[4:]} with {cipher}{how}"))(scene)


for each in ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
             "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384"]:
    suite("TLSv1.2", each)
for each in ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384"]:
    suite("TLSv1.2", each, secureOptions=NO_ETM)
suite("TLSv1.2", "AES128-GCM-SHA256", kind=RSA)
for each in ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"]:
    suite("TLSv1.3", each)


@scenario(twin("twin-ws", "the ws library"))
def plain_js(lab):
    """The ws library on both sides says hello, pings, sends bytes and closes normally, without TLS."""
    lab.server(SERVER_JS, "--plain")
    lab.run_client(CLIENT_JS, f"ws://{SERVER}:8080/live", *STEPS)


@scenario(secured("wss13-retry", "TLS 1.3 after a HelloRetryRequest"))
def retry(lab):
    """The client offers a key share of X25519; the server takes only P-384 and asks for another
    ClientHello. Then the ws library on both sides says hello, pings, sends bytes and closes."""
    play(lab, {"minVersion": "TLSv1.3", "ecdhCurve": "X25519:P-384"}, {"minVersion": "TLSv1.3", "ecdhCurve": "P-384"})


@scenario(secured("wss13-resumed", "TLS 1.3, the second time resumed", [BY_CLIENT, BY_CLIENT]))
def resumed13(lab):
    """Two connections over TLS 1.3, one after the other; the second resumes the session of the first with
    its ticket. On each, the client says hello, pings, sends bytes and closes normally."""
    play(lab, {"minVersion": "TLSv1.3"}, client=["--resume"])


@scenario(secured("wss12-resumed-ticket", "TLS 1.2, the second time resumed with a ticket", [BY_CLIENT, BY_CLIENT]))
def resumed12_ticket(lab):
    """Two connections over TLS 1.2, one after the other; the second resumes the session of the first with
    a ticket. On each, the client says hello, pings, sends bytes and closes normally."""
    play(lab, {"maxVersion": "TLSv1.2"}, client=["--resume"])


@scenario(secured("wss12-resumed-id", "TLS 1.2, the second time resumed by its id", [BY_CLIENT, BY_CLIENT]))
def resumed12_id(lab):
    """Two connections over TLS 1.2, one after the other; the second resumes the session of the first by
    its session id, as the server gives no tickets. On each, the client closes normally."""
    play(lab, {"maxVersion": "TLSv1.2"}, server=["--session-ids"], client=["--resume"])


@scenario(secured("wss-nginx", "TLS that nginx ends"))
def nginx(lab):
    """nginx ends TLS for the client and speaks plainly with the server. The client says hello, pings,
    sends bytes and closes normally."""
    pem = certificate(lab)
    listen = f"listen 443 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};"
    lab.proxy("nginx", configs.nginx(server=listen))
    lab.server(SERVER_JS, "--plain")
    lab.run_client(CLIENT_JS, "--keylog", keys(lab), f"wss://{MIDDLE}/live", *STEPS)


@scenario(twin("twin-nginx", "client, nginx and server"))
def nginx_plain(lab):
    """nginx stands between client and server, without TLS. The client says hello, pings, sends bytes and
    closes normally."""
    lab.proxy("nginx", configs.nginx())
    lab.server(SERVER_JS, "--plain")
    lab.run_client(CLIENT_JS, f"ws://{MIDDLE}/live", *STEPS)


@scenario(secured("wss-haproxy", "TLS that HAProxy ends"))
def haproxy(lab):
    """HAProxy ends TLS for the client and speaks plainly with the server. The client says hello, pings,
    sends bytes and closes normally."""
    pem = certificate(lab)
    lab.proxy("haproxy", configs.haproxy(frontend=f"bind :443 ssl crt {pem} alpn http/1.1"))
    lab.server(SERVER_JS, "--plain")
    lab.run_client(CLIENT_JS, "--keylog", keys(lab), "--options", '{"ALPNProtocols": ["http/1.1"]}',
                   f"wss://{MIDDLE}/live", *STEPS)


@scenario(twin("twin-haproxy", "client, HAProxy and server"))
def haproxy_plain(lab):
    """HAProxy stands between client and server, without TLS. The client says hello, pings, sends bytes
    and closes normally."""
    lab.proxy("haproxy", configs.haproxy())
    lab.server(SERVER_JS, "--plain")
    lab.run_client(CLIENT_JS, f"ws://{MIDDLE}/live", *STEPS)


@scenario(secured("wss-python", "TLS 1.3"))
def python(lab):
    """Python's websockets on both sides says hello, pings and closes normally, over TLS 1.3."""
    lab.server(PY_SERVER, "--tls", certificate(lab))
    lab.run_client(PY_CLIENT, f"wss://{SERVER}/live", "--keylog", keys(lab),
                   "text hello", "message", "ping", "sleep 0.2", "close 1000 bye", "closed")


@scenario(twin("twin-python", "Python's websockets"))
def python_plain(lab):
    """Python's websockets on both sides says hello, pings and closes normally, without TLS."""
    lab.server(PY_SERVER)
    lab.run_client(PY_CLIENT, f"ws://{SERVER}:8080/live",
                   "text hello", "message", "ping", "sleep 0.2", "close 1000 bye", "closed")


@scenario(secured("wss-chromium", "TLS 1.3 of Chromium"))
def chromium(lab):
    """A page in Chromium says hello, sends bytes and closes normally, over TLS 1.3 with a server on ws."""
    lab.server(SERVER_JS, certificate(lab))
    lab.software.add(versions.of_tool("chromium"))
    lab.run_client(BROWSER, f"wss://{SERVER}/live", lab.scratch)


@scenario(twin("twin-chromium", "Chromium and ws"))
def chromium_plain(lab):
    """A page in Chromium says hello, sends bytes and closes normally, without TLS."""
    lab.server(SERVER_JS, "--plain")
    lab.software.add(versions.of_tool("chromium"))
    lab.run_client(BROWSER, f"ws://{SERVER}:8080/live", lab.scratch)


TALK_SERVER = ["wait request", "answer", "wait text hello", "text hello", "wait ping", "pong",
               "wait close 1000 bye", "close 1000 bye", "sleep 0.3"]
TALK_CLIENT = ["wait answer", "text hello", "wait text hello", "ping", "wait pong", "sleep 0.1",
               "close 1000 bye", "wait close 1000 bye", "sleep 0.1"]


def talk(lab, server_steps, client_steps, server_options=(), client_options=(), before=()):
    """OpenSSL's own programs on both sides, which speak WebSocket by hand."""
    pem = certificate(lab)
    lab.software.add(versions.of_tool("openssl"))
    lab.script("server", TALK, "--listen", *server_steps, "--", "openssl", "s_server", "-accept", "443", "-cert", pem,
               "-key", pem, "-naccept", "1", *server_options, ready="ready")
    lab.run_client(TALK, *client_steps, "--", "openssl", "s_client", "-connect", f"{SERVER}:443", "-quiet",
                   "-no_ign_eof", "-keylogfile", keys(lab), "-servername", "lab", *client_options)


@scenario(secured("wss13-key-update", "TLS 1.3 with three key updates"))
def key_update(lab):
    """OpenSSL's programs on both sides, which speak WebSocket by hand over TLS 1.3: both update their keys,
    the client twice, once with the request that the server updates its own too. The client closes."""
    server = [*TALK_SERVER[:4], "command K", "sleep 0.2", *TALK_SERVER[4:]]
    client = ["request", *TALK_CLIENT[:3], "command k", "sleep 0.2", *TALK_CLIENT[3:5], "command K", "sleep 0.2",
              *TALK_CLIENT[5:]]
    talk(lab, server, client, ["-tls1_3"], ["-tls1_3"])


@scenario(twin("twin-openssl", "OpenSSL's programs"))
def key_update_plain(lab):
    """Two bare sockets speak WebSocket by hand, without TLS; the client closes normally."""
    lab.script("server", TALK, "--listen", *TALK_SERVER, "--", "plain", "0.0.0.0", "8080", ready="ready")
    lab.run_client(TALK, "request", *TALK_CLIENT, "--", "plain", SERVER, "8080")


@scenario(Case(
    "wss13-early-data", suffix=".pcapng", alter=add_keys, gaps=True, truth=[BY_CLIENT], late=True,
    altered=ALTERED, must="With the keys in the file: the client closed with 1000 `bye`; its upgrade request came as "
                          "early data of TLS 1.3.",
    must_not="That the upgrade request is missing."))
def early_data(lab):
    """OpenSSL's programs on both sides, which speak WebSocket by hand. The client resumes a session of TLS
    1.3 and sends its upgrade request as early data (0-RTT), which the server accepts. The client closes."""
    pem = certificate(lab)
    lab.software.add(versions.of_tool("openssl"))
    session = lab.scratch / "session.pem"
    common = ["openssl", "s_client", "-connect", f"{SERVER}:443", "-quiet", "-no_ign_eof", "-tls1_3", "-servername", "lab"]
    # One server for both connections: it alone can read its tickets. It answers what comes second.
    lab.script("server", TALK, "--listen", *TALK_SERVER, "--", "openssl", "s_server",
               "-accept", "443", "-cert", pem, "-key", pem, "-tls1_3", "-early_data", ready="ready")
    lab.run_client(TALK, "sleep 0.8", "--", *common, "-sess_out", session)
    lab.capture("wss13-early-data", "client", suffix=".pcapng")
    lab.run_client(TALK, "--request", lab.scratch / "request")
    lab.run_client(TALK, *TALK_CLIENT, "--", *common, "-sess_in", session, "-early_data",
                   lab.scratch / "request", "-keylogfile", keys(lab))


EAGER_SERVER = ["wait request", "answer-with welcome", *TALK_SERVER[2:]]


@scenario(secured("wss13-first-frame", "TLS 1.3; the server's first message is in the record of its 101"))
def first_frame(lab):
    """OpenSSL's programs on both sides, which speak WebSocket by hand over TLS 1.3. The server's first
    message is in the same record as its 101. The client closes normally."""
    talk(lab, EAGER_SERVER, ["request", *TALK_CLIENT], ["-tls1_3"], ["-tls1_3"])


@scenario(twin("twin-first-frame", "OpenSSL's programs, with a message beside the 101,"))
def first_frame_plain(lab):
    """Two bare sockets speak WebSocket by hand, without TLS. The server's first message is in the same
    segment as its 101. The client closes normally."""
    lab.script("server", TALK, "--listen", *EAGER_SERVER, "--", "plain", "0.0.0.0", "8080", ready="ready")
    lab.run_client(TALK, "request", *TALK_CLIENT, "--", "plain", SERVER, "8080")

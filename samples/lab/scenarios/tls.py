"""Connections inside TLS, with the session's keys in the pcapng file."""

import subprocess

import versions
from cases import Case, scenario
from pcapng import forget_machine
from scenarios import configs
from scenarios.closes import BY_CLIENT
from scenarios.common import JS_CLIENT, JS_SERVER, MIDDLE, SERVER, wait
from scenarios.proxies import FIN_BY_PROXY_AS_SERVER

ALTERED = ("Afterwards editcap put the keys that the client had logged into the file, as a block of "
           "decryption secrets; they open this one session.")


def add_keys(path):
    """Turns tcpdump's pcap into a pcapng that holds the keys of its TLS sessions."""
    plain = path.with_suffix(".pcap")
    path.rename(plain)
    keys = f"tls,{path.parent / 'keys.log'}"
    subprocess.run(["editcap", "-F", "pcapng", "--inject-secrets", keys, plain, path], check=True)
    forget_machine(path)


def make_certificate(lab):
    lab.software.add(versions.of_tool("editcap"))
    pem = lab.scratch / "lab.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-subj", "/CN=lab", "-days", "30", "-keyout", pem,
                    "-out", lab.scratch / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    pem.write_text(pem.read_text() + (lab.scratch / "cert.pem").read_text())
    return pem


@scenario(Case(
    "tls13-close-1000", suffix=".pcapng", alter=add_keys, altered=ALTERED, gaps=True, truth=[BY_CLIENT],
    must="With the keys in the file: the client closed with 1000 `bye`, inside TLS 1.3.",
    must_not="An opaque connection: the keys are there."))
def tls13_close(lab):
    """A normal close by the client, over TLS 1.3 with the server itself."""
    pem = make_certificate(lab)
    lab.server(JS_SERVER, "--echo", "--tls", pem)
    lab.run_client(JS_CLIENT, "--keylog", lab.scratch / "keys.log", f"wss://{SERVER}/live",
                   "text hello", "message", "sleep 0.3", "close 1000 bye", "closed")


@scenario(Case(
    "tls-nginx-idle-at-client", suffix=".pcapng", alter=add_keys, altered=ALTERED, gaps=True,
    truth=[FIN_BY_PROXY_AS_SERVER],
    must="The server's address ended it without a Close frame, three seconds after the last frame, "
         "with a TLS close_notify before its FIN; an idle timeout is a reading to offer. The RST at "
         "the end only answers the client's own close_notify.",
    must_not="That the server or the client closed, with high confidence."))
def tls_nginx_idle(lab):
    """nginx with `proxy_read_timeout 3s` terminates TLS 1.2 for the client and speaks plainly with the
    server. Both ends are quiet and well for three seconds; then nginx sends close_notify and a
    FIN to the client."""
    pem = make_certificate(lab)
    secure = f"listen 443 ssl; ssl_certificate {pem}; ssl_certificate_key {pem};"
    lab.proxy("nginx", configs.nginx(server=secure))
    lab.server(JS_SERVER, "--echo")
    lab.run_client(JS_CLIENT, "--keylog", lab.scratch / "keys.log", f"wss://{MIDDLE}/live",
                   "text hello", "message", "sleep 0.5", "text last", "message", "closed")
    wait(0.3)

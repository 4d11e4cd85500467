"""Configurations of the proxies. SCRATCH is the proxy's own folder."""

from topology import SERVER

UPGRADE_HEADERS = 'proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";'


def nginx(more=UPGRADE_HEADERS + " proxy_read_timeout 3s;", to=f"{SERVER}:8080", server="", events="", http=""):
    """nginx that passes everything on; `more` stands in its location, `server` in its server."""
    return f"""
daemon off;
worker_processes 1;
pid SCRATCH/nginx.pid;
error_log SCRATCH/nginx-error.log;
events {{ {events} }}
http {{
    access_log off;
    client_body_temp_path SCRATCH;
    proxy_temp_path SCRATCH;
    fastcgi_temp_path SCRATCH;
    uwsgi_temp_path SCRATCH;
    scgi_temp_path SCRATCH;
    {http}
    server {{
        listen 80;
        {server}
        location / {{
            proxy_pass http://{to};
            proxy_http_version 1.1;
            {more}
        }}
    }}
}}
"""


def haproxy(timeouts="client 30s, server 30s, tunnel 3s", to=f"{SERVER}:8080", more="",
            frontend="", backend="", server="", top=""):
    """HAProxy with the named timeouts; `more` stands in its defaults."""
    lines = "\n    ".join(f"timeout {timeout}" for timeout in timeouts.split(", "))
    return f"""
global
    stats socket SCRATCH/haproxy.sock level admin
    {top}
defaults
    mode http
    timeout connect 3s
    {lines}
    {more}
frontend web
    bind :80
    {frontend}
    default_backend app
backend app
    {backend}
    server app {to} {server}
"""


def apache(more="Timeout 3", upgrade="upgrade=websocket"):
    return f"""
ServerName lab
ServerRoot SCRATCH
PidFile SCRATCH/apache.pid
ErrorLog SCRATCH/apache-error.log
Listen 80
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
{more}
ProxyPass / http://{SERVER}:8080/ {upgrade}
"""


def caddy():
    return f"""
{{
    admin off
    auto_https off
    grace_period 1s
}}
:80 {{
    reverse_proxy {SERVER}:8080
}}
"""


def varnish(piping=True):
    """Varnish; without `piping` the upgrade goes the way of any request."""
    pipe = "if (req.http.Upgrade ~ \"(?i)websocket\") { return (pipe); }" if piping else ""
    return f"""vcl 4.1;
backend app {{ .host = "{SERVER}"; .port = "8080"; }}
sub vcl_recv {{ {pipe} }}
sub vcl_pipe {{
    if (req.http.Upgrade) {{ set bereq.http.Upgrade = req.http.Upgrade; set bereq.http.Connection = "Upgrade"; }}
}}
"""

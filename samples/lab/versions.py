"""Names and versions of the software a capture was made with."""

import functools
import json
import platform
import re
import subprocess
from importlib.metadata import version

from topology import LAB

TOOLS = {
    "nginx": ["nginx", "-v"],
    "haproxy": ["haproxy", "-v"],
    "apache2": ["apache2", "-v"],
    "caddy": ["caddy", "version"],
    "varnishd": ["varnishd", "-V"],
    "chromium": ["chromium", "--version"],
    "firefox-esr": ["firefox-esr", "--version"],
    "tcpdump": ["tcpdump", "--version"],
    "dumpcap": ["dumpcap", "-v"],
    "editcap": ["editcap", "-v"],
    "openssl": ["openssl", "version"],
    "node": ["node", "-v"],
}

PYTHON_PACKAGES = {"aiohttp": "aiohttp", "h2": "h2"}
NODE_PACKAGES = {"socketio": ["socket.io", "ws"], "tls_socketio": ["socket.io"], "tls_pages": []}


@functools.lru_cache
def of_tool(name):
    run = subprocess.run(TOOLS[name], capture_output=True, text=True)
    number = re.search(r"\d+\.\d+[.\d]*", run.stdout + run.stderr).group()
    return f"{name} {number}"


@functools.lru_cache
def of_package(name):
    package = LAB / "node_modules" / name / "package.json"
    return f"{name} {json.loads(package.read_text())['version']}"


def of_script(path):
    """A script's own software: what its file name says it is built on."""
    name = path.split("/")[-1]
    if path.endswith(".js"):
        kind = name.removesuffix(".js")
        packages = NODE_PACKAGES.get(kind, NODE_PACKAGES.get(name.split("_")[0], ["ws"]))
        return {of_tool("node")} | {of_package(package) for package in packages}
    python = f"Python {platform.python_version()}"
    if name.startswith(("raw_", "openssl_talk", "keyed_browser", "tls_pages", "tls_tunnel")) or path.startswith("path/"):
        return {python}
    if "uvicorn" in name:
        return {python, of_python("uvicorn"), of_python("websockets")}
    package = PYTHON_PACKAGES.get(name.split("_")[0], "websockets")
    return {python, of_python(package)}


def of_python(package):
    return f"{package} {version(package)}"


def of_kernel():
    return "Linux " + re.match(r"\d+\.\d+", platform.release()).group()

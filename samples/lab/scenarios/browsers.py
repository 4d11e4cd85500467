"""Browsers: closed tabs, other pages, killed processes."""

import versions
from cases import Case, Truth, Verdict, scenario
from scenarios import configs
from scenarios.common import JS_SERVER, MIDDLE, SERVER, wait
from scenarios.closes import BY_CLIENT
from scenarios.hosts import ABRUPT, FIN_BY_CLIENT
from scenarios.laundering import with_both_legs

PAGE = f"http://{SERVER}:8080/page"
AWAY = BY_CLIENT.judged("client", cause=["going_away"], cites=["first_close"])
LEFT = dict(
    must="The client closed with 1001, going away, as a browser does when its page is left. What follows "
         "the Close, be it FIN or reset, is only its tail.",
    must_not="That a reset ended it, or a forged reset.")
GONE = dict(
    must="The client ended it with a FIN and without a Close frame.",
    must_not="That the page closed it, or a network failure.")


def at_server(name, truth=AWAY, story=LEFT):
    return Case(f"{name}-at-server", at="server", truth=[truth], **story)


def browser(lab, name, *options):
    """Starts a browser of the client that its driver can reach on port 9222."""
    lab.software.add(versions.of_tool(name))
    profile = lab.scratch / name
    lab.start("client", "env", f"HOME={lab.scratch}", name, "--headless", "--remote-debugging-port=9222",
              *options, "about:blank", *profile_option(name, profile))
    lab.wait_listening("client", 9222)


def profile_option(name, profile):
    profile.mkdir()
    if name == "chromium":
        return (f"--user-data-dir={profile}", "--no-sandbox", "--disable-gpu", "--no-first-run",
                "--disable-background-networking", "--disable-component-update")
    return ("--no-remote", "--profile", profile)


def play(lab, name, *steps, page=PAGE):
    """One page with a WebSocket in a browser, and what is done with it."""
    lab.server(JS_SERVER, "--echo")
    browser(lab, name)
    driver = lab.client(f"clients/{name.split('-')[0]}.js", f"open {page}", "sleep 2", *steps)
    driver.wait(120)
    wait(1)


def kill(lab, name, kind=""):
    """Kills the browser's processes whose command line has `kind`; without one, its main process."""
    child = ("--type=", "-contentproc")
    lab.kill_processes("client", name, lambda command: kind in command if kind else
                       not any(word in command for word in child))


@scenario(
    at_server("chromium-tab-closed"))
def chromium_tab(lab):
    """A tab of Chromium with a WebSocket is closed."""
    play(lab, "chromium", "close-tab")


@scenario(
    with_both_legs("chromium-nginx", "tab-closed",
                   [Truth("close_unanswered", "client", ["client"], "client_only").judged(
                       "client", cause=["going_away"], cites=["first_close"]), AWAY],
                   Verdict(["client"], ["going_away"]),
                   "The client closed with 1001, going away; its Close went through the proxy. The server's "
                   "answer met a closed socket of the proxy, whose reset is only a tail.",
                   "That the proxy closed, or that a reset ended it."))
def chromium_tab_nginx(lab):
    """A tab of Chromium with a WebSocket behind nginx is closed."""
    lab.proxy("nginx", configs.nginx(configs.UPGRADE_HEADERS))
    play(lab, "chromium", "close-tab", page=f"http://{MIDDLE}/page")


@scenario(at_server("chromium-script-closes", BY_CLIENT.judged("client", cause=["normal"], cites=["first_close"]), dict(
    must="The client closed it on purpose, with a Close frame that has no code.",
    must_not="A code: 1005 never travels on the wire.")))
def chromium_script(lab):
    """The page's script calls `ws.close()` in Chromium."""
    play(lab, "chromium", "script ws.close()")


@scenario(at_server("chromium-renderer-killed"))
def chromium_renderer(lab):
    """Chromium's process of the page is killed; its network process closes with 1001."""
    play(lab, "chromium")
    kill(lab, "chromium", kind="--type=renderer")
    wait(1.5)


@scenario(at_server("chromium-killed"))
def chromium_killed(lab):
    """Chromium's main process is killed (SIGKILL); its network process still closes with 1001."""
    play(lab, "chromium")
    kill(lab, "chromium")
    wait(1.5)


@scenario(at_server("chromium-network-process-killed", FIN_BY_CLIENT.judged(
    "client", cause=ABRUPT, cites=["first_end"]), GONE))
def chromium_network(lab):
    """Chromium's network process is killed, so that the kernel ends the connection."""
    play(lab, "chromium")
    kill(lab, "chromium", kind="network.mojom.NetworkService")
    wait(1.5)


@scenario(at_server("firefox-tab-closed"))
def firefox_tab(lab):
    """A tab of Firefox with a WebSocket is closed."""
    play(lab, "firefox-esr", "close-tab")


@scenario(at_server("firefox-other-page"))
def firefox_navigates(lab):
    """A tab of Firefox with a WebSocket goes to another page."""
    play(lab, "firefox-esr", f"navigate http://{SERVER}:8080/status")


@scenario(at_server("firefox-killed", FIN_BY_CLIENT.judged("client", cause=ABRUPT, cites=["first_end"]), GONE))
def firefox_killed(lab):
    """Firefox's main process is killed (SIGKILL), so that the kernel ends the connection."""
    play(lab, "firefox-esr")
    kill(lab, "firefox-esr")
    wait(1.5)

"""Chromium on a page that opens a WebSocket, sends a text and bytes, and closes with 1000 `bye`.

    keyed_browser.py URL FOLDER

With wss it takes any certificate and writes its TLS keys to FOLDER/keys.log.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

PAGE = """<!doctype html><title>working</title><script>
const ws = new WebSocket("%s");
ws.binaryType = "arraybuffer";
let answers = 0;
ws.onopen = () => ws.send("hello");
ws.onmessage = () => {
  answers += 1;
  if (answers === 1) ws.send(new Uint8Array(300));
  else setTimeout(() => ws.close(1000, "bye"), 200);
};
ws.onclose = (event) => { document.title = "closed " + event.code; };
</script>"""

url, folder = sys.argv[1], Path(sys.argv[2])
(folder / "page.html").write_text(PAGE % url)
command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--ignore-certificate-errors",
           "--disable-background-networking", "--no-first-run", f"--user-data-dir={folder}/profile",
           f"file://{folder}/page.html"]
environment = dict(os.environ, SSLKEYLOGFILE=str(folder / "keys.log"), HOME=str(folder))
browser = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
time.sleep(float(sys.argv[3]) if len(sys.argv) > 3 else 8)
browser.terminate()
browser.wait(20)

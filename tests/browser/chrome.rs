//! A browser without a window, driven over the Chrome `DevTools` Protocol.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket, client};

/// Names under which the browser is installed.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome-headless-shell"];

/// How long the browser may take to answer; machines of a CI are slow.
const PATIENCE: Duration = Duration::from_secs(180);

/// Nothing of the browser's own goes over the network, and nothing is asked of a screen.
const FLAGS: [&str; 14] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--password-store=basic",
    "--remote-debugging-port=0",
];

/// A running browser; it ends with this value.
pub(crate) struct Chrome {
    child: Child,
    socket: WebSocket<TcpStream>,
    session: String,
    sent: u64,
    /// What the page did since it was opened.
    events: Vec<Value>,
    _profile: TempDir,
}

impl Chrome {
    /// Starts the browser; `None`, with a word on standard error, where there is none.
    pub(crate) fn start() -> Option<Self> {
        let found = find().ok_or_else(|| "no Chromium is installed".to_owned());
        match found.and_then(|path| Self::launch(&path)) {
            Ok(chrome) => Some(chrome),
            Err(error) => {
                skip(&format!("{error}: the HTML report is not opened in a browser"));
                None
            }
        }
    }

    fn launch(path: &Path) -> Result<Self, String> {
        let profile = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut child = Command::new(path)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let address = address(&mut child);
        let connected = address.and_then(|address| {
            let stream =
                TcpStream::connect(&address[5..address[5..].find('/').map_or(address.len(), |at| at + 5)])
                    .map_err(|error| error.to_string())?;
            stream.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
            client(address.as_str(), stream).map_err(|error| error.to_string())
        });
        let socket = match connected {
            Ok((socket, _)) => socket,
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(format!("{} does not start: {error}", path.display()));
            }
        };
        let session = String::new();
        let mut chrome = Self { child, socket, session, sent: 0, events: Vec::new(), _profile: profile };
        let target = chrome.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = chrome.call("Target.attachToTarget", attach);
        chrome.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "DOM", "Performance"] {
            chrome.call(&format!("{domain}.enable"), json!({}));
        }
        Ok(chrome)
    }

    /// Opens a file and waits until it is loaded; gives the time that took.
    pub(crate) fn open(&mut self, path: &Path) -> Duration {
        self.events.clear();
        let started = Instant::now();
        let went = self.call("Page.navigate", json!({ "url": format!("file://{}", path.display()) }));
        assert!(went.get("errorText").is_none(), "{went}");
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            self.receive();
        }
        started.elapsed()
    }

    /// The value of a JavaScript expression in the page.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let options = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", options);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The text value of an expression.
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.eval(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression}: {value}")).to_owned()
    }

    /// How often pages were laid out so far.
    pub(crate) fn layouts(&mut self) -> u64 {
        let answer = self.call("Performance.getMetrics", json!({}));
        let mut metrics = answer["metrics"].as_array().unwrap().iter();
        let count = metrics.find(|metric| metric["name"] == "LayoutCount").unwrap();
        count["value"].as_f64().unwrap() as u64
    }

    /// Presses and releases a key.
    pub(crate) fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            self.call("Input.dispatchKeyEvent", json!({ "type": kind, "key": key, "code": key }));
        }
    }

    /// Sees the page in `light` or `dark`, on `screen` or in `print`, `width` pixels wide.
    pub(crate) fn look(&mut self, media: &str, scheme: &str, width: u32) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Allows or forbids the pages opened from now on to run scripts.
    pub(crate) fn scripts(&mut self, allowed: bool) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed }));
    }

    /// What the page did that a report must not do: errors, breaches of its policy, requests.
    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // Whatever was under way has been told once this is answered.
        self.call("Runtime.evaluate", json!({ "expression": "0" }));
        let complaint = |event: &Value| {
            let (method, params) = (event["method"].as_str()?, &event["params"]);
            let is_one = match method {
                "Runtime.exceptionThrown"
                | "Log.entryAdded"
                | "Audits.issueAdded"
                | "Runtime.consoleAPICalled" => true,
                "Page.javascriptDialogOpening" | "Page.frameAttached" | "Page.windowOpen" => true,
                "Network.requestWillBeSent" => {
                    let url = params["request"]["url"].as_str().unwrap_or_default();
                    params["type"] != "Document" && !url.starts_with("data:")
                }
                _ => false,
            };
            is_one.then(|| format!("{method}: {params}"))
        };
        self.events.iter().filter_map(complaint).collect()
    }

    /// Calls a method of the protocol and waits for its answer.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let id = self.sent;
        let mut request = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_empty() {
            request["sessionId"] = json!(self.session);
        }
        self.socket.send(Message::text(request.to_string())).unwrap();
        loop {
            let message = self.receive();
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    /// Waits for a message; one that is no answer is kept.
    fn receive(&mut self) -> Value {
        let text = self.socket.read().expect("the browser says nothing any more").into_text().unwrap();
        let message: Value = serde_json::from_str(text.as_str()).unwrap_or_default();
        if message.get("method").is_some() {
            self.events.push(message.clone());
        }
        message
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Says on standard error why a test does not test; where it must, as in CI, that is a failure.
pub(crate) fn skip(why: &str) {
    assert!(env::var_os("WHOCLOSED_BROWSER_TESTS").is_none(), "{why}");
    eprintln!("skipped: {why}");
}

fn find() -> Option<PathBuf> {
    let paths: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    NAMES.iter().find_map(|name| paths.iter().map(|path| path.join(name)).find(|path| path.is_file()))
}

/// Where the browser listens, which it says on standard error.
fn address(child: &mut Child) -> Result<String, String> {
    let lines = BufReader::new(child.stderr.take().ok_or("no standard error")?).lines();
    let (send, receive) = mpsc::channel();
    // Reads on until the browser ends, for it would stop where nobody reads.
    thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("DevTools listening on ") {
                let _ = send.send(address.trim().to_owned());
            }
        }
    });
    receive.recv_timeout(PATIENCE).map_err(|_| "it does not say where it listens".to_owned())
}

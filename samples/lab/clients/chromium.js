// Drives Chromium through its DevTools: chromium.js STEP...
//   open URL      a tab with this page
//   close-tab, navigate URL, script WORDS
//   sleep SECONDS
'use strict';

const { WebSocket } = require('ws');

const ORIGIN = 'http://127.0.0.1:9222';
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
let tab;

async function devtools(path, method = 'GET') {
  for (;;) {
    try {
      return await (await fetch(ORIGIN + path, { method })).json();
    } catch (error) {
      if (method === 'GET' && path.startsWith('/json/close')) return null;
      await sleep(0.2); // the browser is still starting
    }
  }
}

async function tell(method, params) {
  const socket = new WebSocket(tab.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ id: 1, method, params }));
  await new Promise((resolve) => socket.once('message', resolve));
  socket.terminate();
}

const steps = {
  open: async (url) => { tab = await devtools(`/json/new?${url}`, 'PUT'); },
  'close-tab': () => devtools(`/json/close/${tab.id}`),
  navigate: (url) => tell('Page.navigate', { url }),
  script: (...words) => tell('Runtime.evaluate', { expression: words.join(' ') }),
  sleep: (seconds) => sleep(Number(seconds)),
};

async function main() {
  for (const line of process.argv.slice(2)) {
    const [name, ...words] = line.split(' ');
    await steps[name](...words);
  }
  process.exit();
}

main();

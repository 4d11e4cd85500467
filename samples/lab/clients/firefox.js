// Drives Firefox by WebDriver BiDi: firefox.js STEP...
//   open URL, close-tab, navigate URL, script WORDS, sleep SECONDS
'use strict';

const { WebSocket } = require('ws');

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
let socket, context, number = 0;

async function connect() {
  for (;;) {
    socket = new WebSocket('ws://127.0.0.1:9222/session');
    const opened = await new Promise((resolve) => {
      socket.once('open', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (opened) return tell('session.new', { capabilities: {} });
    await sleep(0.3); // the browser is still starting
  }
}

function tell(method, params) {
  const id = (number += 1);
  socket.send(JSON.stringify({ id, method, params }));
  return new Promise((resolve) => socket.on('message', (data) => {
    const answer = JSON.parse(data);
    if (answer.id === id) resolve(answer.result);
  }));
}

const steps = {
  open: async (url) => {
    ({ context } = await tell('browsingContext.create', { type: 'tab' }));
    await tell('browsingContext.navigate', { context, url, wait: 'complete' });
  },
  'close-tab': () => tell('browsingContext.close', { context }),
  navigate: (url) => tell('browsingContext.navigate', { context, url, wait: 'complete' }),
  script: (...words) => tell('script.evaluate',
    { expression: words.join(' '), target: { context }, awaitPromise: false }),
  sleep: (seconds) => sleep(Number(seconds)),
};

async function main() {
  await connect();
  for (const line of process.argv.slice(2)) {
    const [name, ...words] = line.split(' ');
    await steps[name](...words);
  }
  process.exit();
}

main();

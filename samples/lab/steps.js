// The steps that the node programs play on a WebSocket, in order.
'use strict';

const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
const next = (ws, event) => new Promise((resolve) => ws.once(event, resolve));

const steps = {
  text: (ws, ...words) => ws.send(words.join(' ')),
  binary: (ws, length) => ws.send(Buffer.alloc(Number(length), 'whoclosed ')),
  'long-text': (ws, length) => ws.send('0123456789'.repeat(Number(length) / 10)),
  ping: (ws) => ws.ping(),
  fragments: sendFragments,
  flood: (ws, count, length) => {
    for (let i = 0; i < Number(count); i += 1) ws.send('x'.repeat(Number(length)));
  },
  'text-every': sendEvery,
  close: (ws, code, ...words) => ws.close(code && Number(code), words.join(' ')),
  terminate: (ws) => ws.terminate(),
  reset: (ws) => ws._socket.resetAndDestroy(),
  throw: () => { throw new Error('a bug in the application'); },
  pause: (ws) => ws.pause(),
  message: (ws) => next(ws, 'message'),
  closed: (ws) => ws.readyState === ws.CLOSED || next(ws, 'close'),
  exit: () => process.exit(),
  sleep: (ws, seconds) => sleep(Number(seconds)),
};

// One text message in as many fragments as words, with a ping after each but the last.
async function sendFragments(ws, ...words) {
  for (const [i, word] of words.entries()) {
    const fin = i === words.length - 1;
    ws.send(word, { fin });
    if (!fin) {
      ws.ping();
      await sleep(0.05);
    }
  }
}

async function sendEvery(ws, seconds, count) {
  for (let i = 1; i <= Number(count) && ws.readyState === ws.OPEN; i += 1) {
    ws.send(`tick ${i}`);
    await sleep(Number(seconds));
  }
}

async function play(ws, lines) {
  for (const line of lines) {
    const [name, ...words] = line.split(' ');
    await steps[name](ws, ...words);
  }
}

module.exports = { play };

// A client on the ws library that logs its TLS keys and trusts any certificate:
//   keyed_client.js [--keylog FILE] [--options JSON] [--resume] URL STEP...
// OPTIONS are those of tls.connect; --resume plays the steps twice, the second time on a connection
// that resumes the session of the first.
'use strict';

const fs = require('fs');
const tls = require('tls');
const { parseArgs } = require('util');
const { WebSocket } = require('ws');
const { play } = require('../steps');

const { values, positionals: [url, ...lines] } = parseArgs({
  allowPositionals: true,
  options: {
    keylog: { type: 'string' },
    options: { type: 'string', default: '{}' },
    resume: { type: 'boolean' },
  },
});

let session;

function connect(target) {
  const options = { ...target, path: undefined, rejectUnauthorized: false, session, ...JSON.parse(values.options) };
  const socket = tls.connect(options, () => {
    if (session && !socket.isSessionReused()) console.error('client: the session was not resumed');
  });
  socket.on('session', (data) => { session = data; });
  return socket.on('keylog', (line) => fs.appendFileSync(values.keylog, line));
}

function once() {
  return new Promise((resolve) => {
    const ws = new WebSocket(url, { createConnection: values.keylog && connect });
    ws.on('error', (error) => { console.error(`client: ${error.message}`); resolve(); });
    ws.on('open', () => play(ws, lines).then(resolve));
  });
}

once().then(() => values.resume && once());

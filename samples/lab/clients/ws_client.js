// A client on the ws library: ws_client.js [--no-pong] [--keylog FILE] URL STEP...
// With wss it trusts any certificate and writes the session's keys to FILE.
'use strict';

const fs = require('fs');
const tls = require('tls');
const { parseArgs } = require('util');
const { WebSocket } = require('ws');
const { play } = require('../steps');

const { values: options, positionals: [url, ...lines] } = parseArgs({
  allowPositionals: true,
  options: { 'no-pong': { type: 'boolean' }, keylog: { type: 'string' } },
});

function connectAndLogKeys(target) {
  const socket = tls.connect({ ...target, path: undefined, rejectUnauthorized: false });
  return socket.on('keylog', (line) => fs.appendFileSync(options.keylog, line));
}

const ws = new WebSocket(url, {
  autoPong: !options['no-pong'],
  createConnection: options.keylog && connectAndLogKeys,
});

ws.on('error', (error) => console.error(`client: ${error.message}`));
ws.on('open', () => play(ws, lines));

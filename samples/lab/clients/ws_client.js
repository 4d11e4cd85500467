// A client on the ws library: ws_client.js [--no-pong] [--keylog FILE [--max-version TLSv1.2] [--verify]]
//   [--ping-every SECONDS] [--handshake-timeout SECONDS] URL STEP...
// With wss it trusts any certificate and writes the session's keys to FILE.
'use strict';

const fs = require('fs');
const tls = require('tls');
const { parseArgs } = require('util');
const { WebSocket } = require('ws');
const { play } = require('../steps');

const { values: options, positionals: [url, ...lines] } = parseArgs({
  allowPositionals: true,
  options: {
    'no-pong': { type: 'boolean' },
    keylog: { type: 'string' },
    'ping-every': { type: 'string' },
    'handshake-timeout': { type: 'string' },
    'max-version': { type: 'string', default: 'TLSv1.3' },
    verify: { type: 'boolean' },
  },
});

function connectAndLogKeys(target) {
  const trust = { rejectUnauthorized: Boolean(options.verify), maxVersion: options['max-version'] };
  const named = { servername: 'live.lab.example', ALPNProtocols: ['http/1.1'] };
  const socket = tls.connect({ ...target, ...trust, ...named, path: undefined });
  return socket.on('keylog', (line) => fs.appendFileSync(options.keylog, line));
}

const ws = new WebSocket(url, {
  autoPong: !options['no-pong'],
  handshakeTimeout: options['handshake-timeout'] && Number(options['handshake-timeout']) * 1000,
  createConnection: options.keylog && connectAndLogKeys,
});

ws.on('error', (error) => console.error(`client: ${error.message}`));
if (options['ping-every']) ws.on('open', () => setInterval(() => ws.ping(), Number(options['ping-every']) * 1000).unref());
ws.on('open', () => play(ws, lines));

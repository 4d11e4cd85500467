// A client on the ws library: ws_client.js [--no-pong] URL STEP...
'use strict';

const { parseArgs } = require('util');
const { WebSocket } = require('ws');
const { play } = require('../steps');

const { values: options, positionals: [url, ...lines] } = parseArgs({
  allowPositionals: true,
  options: { 'no-pong': { type: 'boolean' } },
});

const ws = new WebSocket(url, { autoPong: !options['no-pong'] });

ws.on('error', (error) => console.error(`client: ${error.message}`));
ws.on('open', () => play(ws, lines));

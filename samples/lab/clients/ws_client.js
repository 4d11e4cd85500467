// A client on the ws library: ws_client.js URL [--no-pong] STEP...
'use strict';

const { WebSocket } = require('ws');
const { play } = require('../steps');

const [url, ...rest] = process.argv.slice(2);
const lines = rest.filter((word) => word !== '--no-pong');
const ws = new WebSocket(url, { autoPong: lines.length === rest.length });

ws.on('error', (error) => console.error(`client: ${error.message}`));
ws.on('open', () => play(ws, lines));

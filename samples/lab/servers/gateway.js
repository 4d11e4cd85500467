// A gateway, port 8080, that ends the WebSocket on both of its sides: gateway.js UPSTREAM_URL
// It carries messages, not pings; when the upstream is lost it closes with 1014.
'use strict';

const { WebSocket, WebSocketServer } = require('ws');

const [upstream] = process.argv.slice(2);
const gateway = new WebSocketServer({ port: 8080 }, () => console.log('ready'));
gateway.on('connection', (client) => {
  const server = new WebSocket(upstream);
  client.on('message', (data) => forward(server, data));
  server.on('message', (data) => client.send(String(data)));
  server.on('close', () => client.close(1014, 'upstream lost'));
  client.on('close', () => server.close());
});

function forward(server, data) {
  if (server.readyState === WebSocket.OPEN) server.send(String(data));
  else server.once('open', () => server.send(String(data)));
}

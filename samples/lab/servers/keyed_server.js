// A server on the ws library that echoes messages: over TLS on port 443, or with --plain on port 8080.
//   keyed_server.js [--plain] [--session-ids] [--options JSON] PEM
// OPTIONS are those of tls.createServer; --session-ids resumes TLS 1.2 by session ids, without tickets.
'use strict';

const fs = require('fs');
const http = require('http');
const https = require('https');
const { constants } = require('crypto');
const { parseArgs } = require('util');
const { WebSocketServer } = require('ws');

const { values, positionals: [path] } = parseArgs({
  allowPositionals: true,
  options: {
    plain: { type: 'boolean' },
    'session-ids': { type: 'boolean' },
    options: { type: 'string', default: '{}' },
  },
});

function createServer() {
  if (values.plain) return http.createServer();
  const pem = fs.readFileSync(path);
  const options = { cert: pem, key: pem, ...JSON.parse(values.options) };
  if (!values['session-ids']) return https.createServer(options);
  options.secureOptions = (options.secureOptions || 0) | constants.SSL_OP_NO_TICKET;
  const sessions = new Map();
  const server = https.createServer(options);
  server.on('newSession', (id, data, done) => { sessions.set(id.toString('hex'), data); done(); });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) || null));
  return server;
}

const server = createServer();
new WebSocketServer({ server }).on('connection', (ws) => {
  ws.on('error', (error) => console.error(`server: ${error.message}`));
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});
server.listen(values.plain ? 8080 : 443, '::', () => console.log('ready'));

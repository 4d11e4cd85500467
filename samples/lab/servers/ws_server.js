// A server on the ws library, port 8080, or with --tls port 443:
//   ws_server.js [--echo] [--no-pong] [--heartbeat SECONDS] [--greet TEXT]
//                [--login] [--max-payload BYTES] [--refuse STATUS]
//                [--tls PEM [--keylog FILE] [--min-version TLSv1.3] [--max-version TLSv1.2]]
//                [--ping-every SECONDS] [--on-term CODE] [--server NAME] [STEP...]
// The steps are played on every connection. --heartbeat terminates what does not pong,
// --ping-every only pings. At SIGTERM, --on-term closes every WebSocket with the code and exits.
// --server names the software in the answers, as an edge does in its own name.
'use strict';

const fs = require('fs');
const http = require('http');
const https = require('https');
const { parseArgs } = require('util');
const { WebSocketServer } = require('ws');
const { play } = require('../steps');

const { values: options, positionals: lines } = parseArgs({
  allowPositionals: true,
  options: {
    echo: { type: 'boolean' },
    'no-pong': { type: 'boolean' },
    heartbeat: { type: 'string' },
    greet: { type: 'string' },
    login: { type: 'boolean' },
    'max-payload': { type: 'string', default: '1000000' },
    refuse: { type: 'string' },
    'ping-every': { type: 'string' },
    'on-term': { type: 'string' },
    server: { type: 'string' },
    tls: { type: 'string' },
    keylog: { type: 'string' },
    'max-version': { type: 'string', default: 'TLSv1.3' },
    'min-version': { type: 'string', default: 'TLSv1.2' },
  },
});

// What a browser needs: a page that opens a WebSocket to where it came from.
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script>
ws = new WebSocket('ws://' + location.host + '/live'); ws.onopen = () => ws.send('hello');
</script>`;

// Plain requests: /status and /page answer, everything else is told to speak WebSocket.
function answerPlain(request, response) {
  if (request.url === '/status') return response.end('all is well\n');
  if (request.url === '/page') return response.end(PAGE);
  response.writeHead(426, { Upgrade: 'websocket' });
  return response.end('This address speaks WebSocket.\n');
}

function createServer() {
  if (!options.tls) return http.createServer(answerPlain);
  const pem = fs.readFileSync(options.tls);
  const versions = { minVersion: options['min-version'], maxVersion: options['max-version'] };
  const secure = https.createServer({ cert: pem, key: pem, ...versions }, answerPlain);
  if (options.keylog) secure.on('keylog', (line) => fs.appendFileSync(options.keylog, line));
  return secure;
}

const server = createServer();

const sockets = new WebSocketServer({
  server,
  autoPong: !options['no-pong'],
  maxPayload: Number(options['max-payload']),
  verifyClient: (info, done) =>
    options.refuse ? done(false, Number(options.refuse), 'Not here') : done(true),
});

sockets.on('connection', (ws) => {
  ws.on('error', (error) => console.error(`server: ${error.message}`));
  ws.on('message', (data, isBinary) => answer(ws, data, isBinary));
  if (options.heartbeat) watch(ws, Number(options.heartbeat) * 1000);
  if (options['ping-every']) setInterval(() => ws.ping(), Number(options['ping-every']) * 1000).unref();
  if (options.greet) ws.send(options.greet);
  play(ws, lines);
});

function answer(ws, data, isBinary) {
  if (options.login && !String(data).startsWith('login ')) ws.close(1008, 'log in first');
  else if (options.echo) ws.send(data, { binary: isBinary });
}

// The usual heartbeat of the ws library's readme: no pong since the last ping is the end.
function watch(ws, period) {
  let alive = true;
  ws.on('pong', () => { alive = true; });
  const timer = setInterval(() => {
    if (!alive) return ws.terminate();
    alive = false;
    return ws.ping();
  }, period);
  ws.on('close', () => clearInterval(timer));
}

if (options.server) sockets.on('headers', (headers) => headers.push(`Server: ${options.server}`));
if (options['on-term']) process.on('SIGTERM', closeAll);

function closeAll() {
  for (const ws of sockets.clients) ws.close(Number(options['on-term']));
  server.close(() => process.exit());
}

server.listen(options.tls ? 443 : 8080, '::', () => console.log('ready'));

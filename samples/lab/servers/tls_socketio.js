// A Socket.IO server at its default settings, port 443: tls_socketio.js PEM KEYLOG [MAX-VERSION]
'use strict';

const fs = require('fs');
const https = require('https');
const { Server } = require('socket.io');

const [pem, keylog, maxVersion] = process.argv.slice(2);
const secret = fs.readFileSync(pem);
const server = https.createServer({ cert: secret, key: secret, maxVersion });
server.on('keylog', (line) => fs.appendFileSync(keylog, line));
new Server(server).on('connection', (socket) => socket.on('hello', (reply) => reply('welcome')));
server.listen(443, '::', () => console.log('ready'));

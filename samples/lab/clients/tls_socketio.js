// A Socket.IO client that speaks WebSocket from the start: tls_socketio.js URL
'use strict';

const { io } = require('socket.io-client');

const socket = io(process.argv[2], { transports: ['websocket'], rejectUnauthorized: false });
socket.on('connect_error', (error) => console.error(`client: ${error.message}`));
socket.on('connect', () => socket.emit('hello', () => {}));

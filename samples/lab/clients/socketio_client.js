// A Socket.IO client over WebSocket only: socketio_client.js URL SECONDS [disconnect]
// It says hello, and after so many seconds disconnects or exits.
'use strict';

const { io } = require('socket.io-client');

const [url, seconds, ending] = process.argv.slice(2);
const socket = io(url, { transports: ['websocket'], reconnection: false });
socket.on('connect', () => socket.emit('say', 'hello'));
socket.on('disconnect', () => setTimeout(process.exit, 500));
setTimeout(() => (ending ? socket.disconnect() : process.exit()), seconds * 1000);

// A Socket.IO server, port 8080: socketio_server.js [PING_INTERVAL PING_TIMEOUT]
// The times are in seconds. It echoes the event `say`.
'use strict';

const { Server } = require('socket.io');

const [interval = '25', timeout = '20'] = process.argv.slice(2);
const io = new Server(8080, { pingInterval: interval * 1000, pingTimeout: timeout * 1000 });
io.on('connection', (socket) => {
  socket.on('say', (text) => socket.emit('said', text));
});
console.log('ready');

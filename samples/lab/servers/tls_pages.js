// An HTTPS server, port 443: tls_pages.js PEM KEYLOG. /file sends 24 kB in twelve pieces, one a second;
// everything else is answered at once.
'use strict';

const fs = require('fs');
const https = require('https');

const [pem, keylog] = process.argv.slice(2);
const secret = fs.readFileSync(pem);

function answer(request, response) {
  if (request.url !== '/file') return response.end('all is well\n');
  let left = 12;
  const timer = setInterval(() => {
    response.write('x'.repeat(2000));
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    response.end();
  }, 1000);
  return undefined;
}

const server = https.createServer({ cert: secret, key: secret, keepAliveTimeout: 5000 }, answer);
server.on('keylog', (line) => fs.appendFileSync(keylog, line));
server.listen(443, '::', () => console.log('ready'));

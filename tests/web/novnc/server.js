'use strict';

// Serves one page with noVNC, somebody else's VNC client, and carries what it says over a
// websocket to a VNC server. Loopback only.
//
//   node server.js --vnc-port V
//
// `listening on PORT` is printed once it answers.

const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');
const { parseArgs } = require('util');

const { WebSocketServer } = require('ws');

const NOVNC = path.join(__dirname, '..', 'node_modules', '@novnc', 'novnc');
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

const { values: options } = parseArgs({ options: { 'vnc-port': { type: 'string' } } });

function serve(request, response) {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = pathname === '/' ? path.join(__dirname, 'index.html')
        : /^\/(core|vendor)\/[\w/.-]+\.js$/.test(pathname) ? path.join(NOVNC, pathname) : '';
    fs.readFile(file, (error, body) => {
        response.writeHead(error ? 404 : 200, { 'content-type': TYPES[path.extname(file)] ?? 'text/plain' });
        response.end(error ? 'There is no such page.' : body);
    });
}

/** Carries bytes both ways, until either side ends. */
function carry(socket) {
    const server = net.connect(Number(options['vnc-port']), '127.0.0.1');
    server.setNoDelay(true);
    server.on('data', bytes => socket.send(bytes));
    server.on('close', () => socket.close());
    server.on('error', () => socket.close());
    socket.on('message', bytes => server.write(bytes));
    socket.on('close', () => server.destroy());
}

const server = http.createServer(serve);
new WebSocketServer({ server, path: '/vnc' }).on('connection', carry);
server.listen(0, '127.0.0.1', () => {
    console.log(`listening on ${server.address().port}`);
});

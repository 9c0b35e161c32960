'use strict';

// Serves one page with the stock Guacamole client, and the websocket tunnel
// (guacamole-lite) that carries the client's instructions to guacd. Loopback only.
//
//   node server.js --port P --guacd-port G [--defaults FILE] [--recordings FOLDER]
//
// P may be 0 for any free port; `listening on PORT` is printed once it answers.
// FILE is a JSON object of query parameters that a page uses when its own address
// does not give them: so the demo's address needs no password. The recordings of FOLDER are
// played by `player.html?recording=NAME`.

const fs = require('fs');
const http = require('http');
const path = require('path');
const { createCipheriv, randomBytes } = require('crypto');
const { parseArgs } = require('util');

const GuacamoleLite = require('guacamole-lite');
const GuacdClient = require('guacamole-lite/lib/GuacdClient.js');
const { LOGLEVEL } = require('guacamole-lite/lib/Logger.js');

const CYPHER = 'aes-256-cbc';

// Query parameters that are the page's own. `join` selects a connection to join. `width`,
// `height`, `dpi`, `image` and `audio` (comma separated) and `protocol` are for the handshake.
// All others are parameters of the connection and are passed on as they are.
const PAGE_PARAMETERS = ['client', 'resize', 'scale'];

// The two builds of the stock client; the exact versions are package.json's.
const CLIENTS = {
    '1.5.0': require.resolve('guacamole-common-js'),
    '1.6.0': require.resolve('@dushixiang/guacamole-common-js'),
};

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

const { values: options } = parseArgs({
    options: {
        port: { type: 'string', default: '0' },
        'guacd-port': { type: 'string', default: '4822' },
        defaults: { type: 'string' },
        recordings: { type: 'string' },
    },
});
const defaults = options.defaults ? JSON.parse(fs.readFileSync(options.defaults, 'utf8')) : {};
const key = randomBytes(32);

/** What a page's address asks for, as the settings that guacamole-lite takes in a token. */
function connectionOf(query) {
    const settings = { width: 1024, height: 768, dpi: 96, audio: [] };
    settings.image = ['image/png', 'image/jpeg', 'image/webp'];
    for (const [name, value] of Object.entries(query)) {
        if (name === 'image' || name === 'audio')
            settings[name] = value.split(',').filter(Boolean);
        else if (name !== 'join' && !PAGE_PARAMETERS.includes(name))
            settings[name] = value;
    }
    if (query.join)
        return { join: query.join, settings };
    if (!query.hostname)
        throw new Error('The address of this page does not say which desktop to open '
            + '(hostname=… and port=…, or join=…).');
    return { type: 'vnc', settings };
}

/** Encrypts the connection for this process's tunnel, in guacamole-lite's format. */
function tokenFor(connection) {
    // guacamole-lite decrypts to ASCII, so other characters travel as JSON escapes.
    const json = JSON.stringify({ connection })
        .replace(/[\u0080-\uffff]/g, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
    const iv = randomBytes(16);
    const cipher = createCipheriv(CYPHER, key, iv);
    const value = Buffer.concat([cipher.update(json, 'ascii'), cipher.final()]);
    const token = { iv: iv.toString('base64'), value: value.toString('base64') };
    return Buffer.from(JSON.stringify(token)).toString('base64');
}

function answer(response, status, type, body) {
    response.writeHead(status, {
        'content-type': type + '; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
    });
    response.end(body);
}

function answerToken(response, given) {
    // A page that joins takes nothing of the demo's own desktop along.
    const base = given.join ? {} : defaults;
    const query = { ...base, ...given };
    try {
        const token = tokenFor(connectionOf(query));
        const page = Object.fromEntries(PAGE_PARAMETERS.map(name => [name, query[name]]));
        answer(response, 200, 'application/json', JSON.stringify({ token, page }));
    } catch (error) {
        answer(response, 400, 'application/json', JSON.stringify({ error: error.message }));
    }
}

function serve(request, response) {
    const url = new URL(request.url, 'http://localhost');
    // Another site's name that was made to resolve to this machine gets nothing.
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? ''))
        return answer(response, 403, 'text/plain', 'This page is served to this machine only.');
    if (url.pathname === '/token')
        return answerToken(response, Object.fromEntries(url.searchParams));

    const client = /^\/client\/(.+)\.js$/.exec(url.pathname)?.[1];
    const recording = /^\/recording\/(.+)$/.exec(url.pathname)?.[1];
    const name = url.pathname === '/' ? 'index.html' : path.basename(url.pathname);
    let file = path.join(__dirname, 'public', name);
    if (client !== undefined)
        file = Object.hasOwn(CLIENTS, client) ? CLIENTS[client] : '';
    else if (recording !== undefined)
        file = options.recordings ? path.join(options.recordings, name) : '';
    fs.readFile(file, (error, body) => {
        if (error)
            answer(response, 404, 'text/plain', 'There is no such page.');
        else
            answer(response, 200, TYPES[path.extname(file)] ?? 'application/octet-stream', body);
    });
}

// guacamole-lite answers with protocol version 1.1.0 at most, which has neither
// `required` nor `msg`. A page may ask for another with `protocol=VERSION_1_5_0`,
// as the Java webapp would: the version is the first value of `connect`.
const send = GuacdClient.prototype.sendInstruction;
GuacdClient.prototype.sendInstruction = function sendInstruction(instruction) {
    const version = this.connectionSettings.protocol;
    if (version && instruction[0] === 'connect')
        instruction[1] = version;
    return send.call(this, instruction);
};

const server = http.createServer(serve);
new GuacamoleLite(
    { server, path: '/tunnel' },
    { host: '127.0.0.1', port: Number(options['guacd-port']) },
    {
        crypt: { cypher: CYPHER, key },
        log: { level: LOGLEVEL.ERRORS, stdLog: console.error, errorLog: console.error },
    },
);

// guacamole-lite only closes its tunnels on a signal: the process has to end too.
for (const signal of ['SIGTERM', 'SIGINT'])
    process.on(signal, () => process.exit(0));

server.on('error', error => {
    console.error(`The page cannot be served: ${error.message}`);
    process.exit(1);
});
server.listen(Number(options.port), '127.0.0.1', () => {
    console.log(`listening on ${server.address().port}`);
});

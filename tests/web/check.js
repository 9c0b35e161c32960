'use strict';

// Opens a page of server.js in a headless Chromium, waits until it shows a desktop's
// picture, and saves what a person would see as a PNG.
//
//   node check.js --browser PATH --url URL --screenshot FILE [--seconds N] [--size WxH]
//
// Exits with 0 once the picture is there, else with 1 and a sentence that says why not.

const fs = require('fs');
const os = require('os');
const path = require('path');
const { spawn } = require('child_process');
const { parseArgs } = require('util');
const WebSocket = require('ws');

// A desktop with a terminal and a browser has far more colours than an empty one.
const ENOUGH_COLOURS = 32;
const POLL_MS = 200;
// How long the picture has to stay the same to be called complete.
const SETTLED_MS = 2000;

const { values: options } = parseArgs({
    options: {
        browser: { type: 'string', default: 'chromium' },
        url: { type: 'string' },
        screenshot: { type: 'string' },
        seconds: { type: 'string', default: '60' },
        size: { type: 'string', default: '1280x800' },
    },
});

// Runs in the page: what it shows, in a few numbers.
const LOOK = `(() => {
    const guac = window.guac;
    const card = document.getElementById('card');
    const told = card?.hidden === false ? document.getElementById('detail').textContent : '';
    if (!guac || guac.state !== 3 || guac.syncs === 0)
        return { state: guac?.state, told, colours: 0, print: 0 };
    const canvas = guac.display.flatten();
    const data = new Uint32Array(canvas.getContext('2d')
        .getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    const colours = new Set();
    let print = 0;
    for (const pixel of data) {
        print = (Math.imul(print, 31) + pixel) | 0;
        if (colours.size < 1000)
            colours.add(pixel);
    }
    return { state: guac.state, told, colours: colours.size, print };
})()`;

/** Waits until `attempt` gives something, or throws `late` after the deadline. */
async function until(deadline, late, attempt) {
    for (;;) {
        const found = await attempt();
        if (found !== undefined)
            return found;
        if (deadline < Date.now())
            throw new Error(late());
        await new Promise(resolve => setTimeout(resolve, POLL_MS));
    }
}

/** A connection to the browser's only page, speaking the DevTools protocol. */
async function attach(profile, deadline) {
    const portFile = path.join(profile, 'DevToolsActivePort');
    const late = () => 'Chromium did not start.';
    const port = await until(deadline, late, () => {
        try {
            return fs.readFileSync(portFile, 'utf8').split('\n')[0] || undefined;
        } catch {
            return undefined;
        }
    });
    const page = await until(deadline, late, async () => {
        const pages = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
        return pages.find(candidate => candidate.type === 'page');
    });
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));

    const waiting = new Map();
    socket.on('message', text => {
        const message = JSON.parse(text);
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
    });
    let last = 0;
    return (method, params = {}) => new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, ({ result, error }) => error ? reject(new Error(error.message)) : resolve(result));
        socket.send(JSON.stringify({ id: last, method, params }));
    });
}

async function check(profile) {
    const deadline = Date.now() + Number(options.seconds) * 1000;
    const command = await attach(profile, deadline);
    const [width, height] = options.size.split('x').map(Number);
    await command('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
    const { errorText } = await command('Page.navigate', { url: options.url });
    if (errorText)
        throw new Error(`The page cannot be opened: ${errorText}`);
    try {
        await picture(command, deadline);
    } finally {
        // What is seen is worth keeping when it is not what was expected, too.
        const { data } = await command('Page.captureScreenshot', { format: 'png' });
        fs.mkdirSync(path.dirname(path.resolve(options.screenshot)), { recursive: true });
        fs.writeFileSync(options.screenshot, Buffer.from(data, 'base64'));
    }
}

/** Waits until the page shows a picture that has many colours and has come to rest. */
async function picture(command, deadline) {

    let seen = { colours: 0 };
    let since = Date.now();
    const late = () => `The page did not show a desktop in ${options.seconds} s. `
        + (seen.told ? `It says: ${seen.told}` : `It shows ${seen.colours} colours.`);
    await until(deadline, late, async () => {
        const { result } = await command('Runtime.evaluate', { expression: LOOK, returnByValue: true });
        const now = result.value ?? { colours: 0 };
        if (now.print !== seen.print)
            since = Date.now();
        seen = now;
        return ENOUGH_COLOURS <= seen.colours && SETTLED_MS <= Date.now() - since ? true : undefined;
    });
}

async function main() {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'guacd-check-'));
    const browser = spawn(options.browser, [
        '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run',
        '--remote-debugging-port=0', `--user-data-dir=${profile}`,
        '--hide-scrollbars', 'about:blank',
    ], { stdio: 'ignore', detached: true });
    const gone = new Promise((resolve, reject) => {
        browser.once('error', error => reject(new Error(`Chromium did not start: ${error.message}`)));
        browser.once('exit', resolve);
    });
    try {
        await Promise.race([check(profile), gone.then(() => { throw new Error('Chromium ended early.'); })]);
    } finally {
        // Chromium's helpers are in its process group and would go on writing to the profile.
        try {
            process.kill(-browser.pid, 'SIGKILL');
        } catch {
            // It has ended already, or never started.
        }
        await gone.catch(() => {});
        fs.rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
}

main().then(() => {
    console.log(`The page shows the desktop (saved as ${options.screenshot}).`);
}, error => {
    console.error(error.message);
    process.exit(1);
});

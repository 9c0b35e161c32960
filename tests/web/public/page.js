// One desktop in one page: connects, shows it, and tells the person in plain words
// what is going on. `window.guac` is the same for scripts: the tests read it.

import { loadClient } from './client.js';
import { keyboardFor, mouseFor } from './input.js';
import { notice, sentence } from './sentences.js';

const CONNECTED = 3;
const DISCONNECTED = 5;
const NOTICE_SHOWN_MS = 6000;
const RESIZE_SETTLED_MS = 200;

const query = new URLSearchParams(location.search);
const element = id => document.getElementById(id);
const desktop = element('desktop');

await loadClient(query.get('client') ?? '1.6.0').catch(error => {
    showEnd('There is no such client here: client=1.5.0 or client=1.6.0.');
    throw error;
});
const Guacamole = window.Guacamole;
const { keyboard, focus } = keyboardFor(Guacamole, () => {
    const attentive = window.guac?.state === CONNECTED && element('card').hidden;
    return attentive ? window.guac.client : undefined;
});
// Of this page's settings, those that the server's answer to the last connect gave.
let page = {};

element('reconnect').addEventListener('click', connect);
element('credentials').addEventListener('submit', sendCredentials);
window.addEventListener('resize', settled(fitWindow, RESIZE_SETTLED_MS));
window.addEventListener('pagehide', () => window.guac?.client.disconnect());
connect();

/** Asks the page's server for a token for what this page's address says. */
async function askForToken() {
    const asked = new URLSearchParams(query);
    if (!asked.has('width'))
        asked.set('width', window.innerWidth);
    if (!asked.has('height'))
        asked.set('height', window.innerHeight);
    const response = await fetch(`token?${asked}`);
    const answer = await response.json();
    if (!response.ok)
        throw new Error(answer.error);
    return answer;
}

/** Connects, for the first time or again. */
async function connect() {
    showProgress('');
    try {
        const answer = await askForToken();
        page = answer.page;
        start(answer.token);
    } catch (error) {
        showEnd(error instanceof TypeError ? 'The server of this page does not answer.' : error.message);
    }
}

function start(token) {
    const tunnel = new Guacamole.WebSocketTunnel('tunnel');
    const client = new Guacamole.Client(tunnel);
    const display = client.getDisplay();
    const guac = {
        client, tunnel, display, keyboard,
        state: 0, syncs: 0, errors: [], msgs: [], clipboard: [], cursors: [],
        get connectionId() { return tunnel.uuid; },
        sendClipboard: text => sendText(client.createClipboardStream('text/plain'), text),
    };
    window.guac = guac;
    guac.mouse = mouseFor(Guacamole, client);

    client.onstatechange = state => { guac.state = state; showState(guac); };
    client.onerror = status => fail(guac, 'client', status);
    tunnel.onerror = status => fail(guac, 'tunnel', status);
    client.onsync = () => { guac.syncs += 1; };
    client.onname = name => { document.title = name; };
    client.onrequired = askForCredentials;
    client.onmsg = (code, args) => {
        // The 1.5 client empties the array once this handler has returned.
        guac.msgs.push({ code, args: [...args] });
        showNotice(notice(code, args));
    };
    client.onclipboard = (stream, mimetype) => {
        const reader = new Guacamole.StringReader(stream);
        let text = '';
        reader.ontext = part => { text += part; };
        reader.onend = () => { guac.clipboard.push(text); guac.clipboardType = mimetype; };
    };
    display.onresize = fitPicture;

    desktop.classList.toggle('fit', page.scale === 'fit');
    desktop.classList.remove('stale');
    desktop.replaceChildren(display.getElement());
    client.connect('token=' + encodeURIComponent(token));
}

function fail(guac, source, status) {
    // A tunnel may close with words instead of a number: that is an end without a code.
    const code = Number.isFinite(status.code) ? status.code : null;
    guac.errors.push({ code, message: status.message ?? '', source });
}

function showState(guac) {
    if (guac.state === CONNECTED) {
        element('card').hidden = true;
        focus();
        fitWindow();
    } else if (guac.state === DISCONNECTED) {
        keyboard.reset();
        desktop.classList.add('stale');
        // The first error is the reason, the later ones follow from it.
        showEnd(sentence(guac.errors[0]?.code ?? null));
    } else if (element('credentials').hidden) {
        showProgress('Waiting for the desktop’s first picture.');
    }
}

function showProgress(detail) {
    show({ title: 'Connecting …', detail, spinner: true });
}

function showEnd(detail) {
    show({ title: 'Disconnected', detail, reconnect: true });
    element('reconnect').focus();
}

function show({ title, detail = '', spinner = false, reconnect = false, credentials = false }) {
    element('title').textContent = title;
    element('detail').textContent = detail;
    element('spinner').hidden = !spinner;
    element('reconnect').hidden = !reconnect;
    element('credentials').hidden = !credentials;
    element('card').hidden = false;
}

function showNotice(text) {
    if (text === undefined)
        return;
    const item = document.createElement('li');
    item.textContent = text;
    element('notices').appendChild(item);
    setTimeout(() => item.remove(), NOTICE_SHOWN_MS);
}

/** Shows a form with a field for each name that the desktop wants to know. */
function askForCredentials(names) {
    const labels = { username: 'User name', password: 'Password' };
    const fields = names.map(name => {
        const label = document.createElement('label');
        label.textContent = labels[name] ?? name;
        const input = document.createElement('input');
        input.name = name;
        input.type = name === 'username' ? 'text' : 'password';
        input.autocomplete = 'off';
        label.appendChild(input);
        return label;
    });
    element('fields').replaceChildren(...fields);
    show({ title: 'Sign in to the desktop', credentials: true });
    element('fields').querySelector('input')?.focus();
}

function sendCredentials(event) {
    event.preventDefault();
    const { client } = window.guac;
    for (const input of element('fields').querySelectorAll('input'))
        sendText(client.createArgumentValueStream('text/plain', input.name), input.value);
    element('fields').replaceChildren();
    showProgress('Waiting for the desktop’s first picture.');
}

function sendText(stream, text) {
    const writer = new Guacamole.StringWriter(stream);
    writer.sendText(text);
    writer.sendEnd();
}

/** Fits the desktop to the window: by asking for another size, or by scaling the picture. */
function fitWindow() {
    if (page.resize === 'true' && window.guac?.state === CONNECTED)
        window.guac.client.sendSize(window.innerWidth, window.innerHeight);
    fitPicture();
}

function fitPicture() {
    const display = window.guac?.display;
    if (page.scale !== 'fit' || !display?.getWidth() || !display.getHeight())
        return;
    display.scale(Math.min(
        window.innerWidth / display.getWidth(),
        window.innerHeight / display.getHeight(),
    ));
}

/** Calls `action` once its events have stopped coming for a while. */
function settled(action, delay) {
    let timer;
    return () => {
        clearTimeout(timer);
        timer = setTimeout(action, delay);
    };
}

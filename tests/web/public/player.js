// One recording in one page, in the stock player, loaded as the web application loads it.
// `window.guac.player` is for the tests.

import { loadClient } from './client.js';

const query = new URLSearchParams(location.search);

await loadClient(query.get('client') ?? '1.6.0');
const Guacamole = window.Guacamole;

const tunnel = new Guacamole.StaticHTTPTunnel(`recording/${encodeURIComponent(query.get('recording'))}`);
const recording = new Guacamole.SessionRecording(tunnel);
const player = {
    recording,
    loaded: false, errors: [], keys: null,
    /** Goes to a time, in milliseconds from the first frame. */
    seek: position => new Promise(resolve => recording.seek(position, resolve)),
    /** Plays from where it is to the last frame, in real time. */
    play: () => new Promise(resolve => {
        recording.onpause = resolve;
        recording.play();
    }),
};
// The page of a session has the same, so that its pictures are taken in the same way.
window.guac = { display: recording.getDisplay(), syncs: 0, player };

window.addEventListener('error', event => player.errors.push(String(event.message)));
window.addEventListener('unhandledrejection', event => player.errors.push(String(event.reason)));
recording.onerror = message => player.errors.push(String(message));
recording.onload = () => { player.loaded = true; };
// The player of 1.5 does not know of keys.
recording.onkeyevents = events => {
    player.keys = events.map(event => [event.definition.keysym, event.pressed, event.timestamp]);
};
document.getElementById('desktop').replaceChildren(recording.getDisplay().getElement());
recording.connect();

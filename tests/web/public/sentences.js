// What a person reads: for each Guacamole status what happened and what can be done.

const STATUS = {
    0x0100: 'The server does not support what was asked for.',
    0x0200: 'The server had an internal error. Its log has the detail.',
    0x0201: 'The server is busy. Try again in a moment.',
    0x0202: 'The desktop did not answer in time.',
    0x0203: 'The desktop ended the connection or sent something that is not understood.',
    0x0204: 'There is no such connection. It may have ended.',
    0x0205: 'The desktop is in use by someone else.',
    0x0206: 'The connection was closed by the server.',
    0x0207: 'The desktop cannot be reached. Is it running, and are its address and port right?',
    0x0208: 'The desktop refused the connection.',
    0x0209: 'The session was ended because of another session.',
    0x020A: 'The session was ended because it was idle for too long.',
    0x020B: 'The session was ended by an administrator.',
    0x0300: 'The server did not understand what this page sent.',
    0x0301: 'The user name or the password is not right.',
    0x0303: 'This is not permitted here.',
    0x0308: 'The connection was silent for too long. Is the network in order?',
    0x030D: 'This page sent more than the server accepts.',
    0x030F: 'The server does not accept this type of data.',
    0x031D: 'There are too many connections. Close another and try again.',
};

/** A status code as a sentence. `null` stands for an end without any code. */
export function sentence(code) {
    if (code === null)
        return 'The server ended the connection.';
    const shown = '0x' + code.toString(16).toUpperCase().padStart(4, '0');
    return `${STATUS[code] ?? 'Something went wrong that this page has no words for.'} (${shown})`;
}

/** A server's notice (`msg`) as a sentence, or `undefined` if it is of no interest. */
export function notice(code, args) {
    const who = args[1] || 'Someone';
    if (code === 1)
        return `${who} joined this desktop.`;
    if (code === 2)
        return `${who} left this desktop.`;
    return undefined;
}

//! What is tried: every place on the desktop and every word of the client that could carry a text.

/// Which way a text would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the desktop to the browser.
    Out,
    /// From the browser to the desktop.
    In,
}

/// Something that is tried once in each round, with a text of its own.
pub(crate) struct Attempt {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Which way the text would go.
    pub(crate) way: Way,
    /// Whether VNC has a way to carry it: it crosses where the policy lets it.
    pub(crate) can_cross: bool,
    /// The client's words for it, which give what the daemon answered; nothing if it is tried on the
    /// desktop.
    pub(crate) script: &'static str,
    /// What the daemon's decisions call it.
    pub(crate) action: &'static str,
}

const fn out(name: &'static str, can_cross: bool) -> Attempt {
    Attempt {
        name,
        way: Way::Out,
        can_cross,
        script: "",
        action: "clipboard",
    }
}

const fn inward(
    name: &'static str,
    can_cross: bool,
    action: &'static str,
    script: &'static str,
) -> Attempt {
    Attempt {
        name,
        way: Way::In,
        can_cross,
        script,
        action,
    }
}

/// All of them. Those of the desktop are in the order in which [`crate::round`] takes them.
pub(crate) const ATTEMPTS: [Attempt; 19] = [
    out("X PRIMARY, `UTF8_STRING`", true),
    out("X CLIPBOARD, `UTF8_STRING`", true),
    out("X CLIPBOARD, `STRING`", false),
    out("X CLIPBOARD, `text/html`", false),
    out("X CLIPBOARD, `image/png`", false),
    inward(
        "the browser's clipboard, pasted",
        true,
        "clipboard",
        "navigator.clipboard.writeText(text).then(() => navigator.clipboard.readText())
            .then(pasted => send(client.createClipboardStream('text/plain'), pasted))",
    ),
    inward(
        "`clipboard` of `text/html`",
        true,
        "clipboard",
        "send(client.createClipboardStream('text/html'), text)",
    ),
    inward(
        "`clipboard` of `image/png`",
        false,
        "clipboard",
        "send(client.createClipboardStream('image/png'), text)",
    ),
    inward(
        "`argv` for `password`",
        false,
        "parameter",
        "send(client.createArgumentValueStream('text/plain', 'password'), text)",
    ),
    inward(
        "`argv` for a name that is not one",
        false,
        "parameter",
        "send(client.createArgumentValueStream(text, text), text)",
    ),
    inward(
        "`pipe`",
        false,
        "pipe",
        "send(client.createPipeStream(text, text), text)",
    ),
    inward(
        "`file`",
        false,
        "file",
        "send(client.createFileStream(text, text), text)",
    ),
    inward(
        "`audio`",
        false,
        "audio",
        "send(client.createAudioStream(text), text)",
    ),
    inward(
        "`put`",
        false,
        "object",
        "send(client.createObjectOutputStream(0, text, text), text)",
    ),
    inward("`get`", false, "object", "say('get', 0, text)"),
    inward(
        "`usbconnect`, `usbdata`, `usbdisconnect`",
        false,
        "usb",
        "say('usbconnect', text, text), say('usbdata', text, 0, base64(text)), say('usbdisconnect', text)",
    ),
    inward(
        "an opcode that is not one",
        false,
        "unknown-opcode",
        "say(text, text), say('smuggle', base64(text))",
    ),
    inward(
        "`clipbaord`, `Clipboard`: misspelled",
        false,
        "unknown-opcode",
        "say('clipbaord', 7, 'text/plain'), say('Clipboard', 7, text),
         say('blob', 7, base64(text)), say('end', 7)",
    ),
    inward(
        "opcodes of a server: `img`, `name`, `log`",
        false,
        "unknown-opcode",
        "say('img', 7, 14, 0, text, 0, 0), say('name', text), say('log', base64(text))",
    ),
];

impl Attempt {
    /// Whether it opens a stream, on which it is answered.
    pub(crate) fn opens_stream(&self) -> bool {
        self.script.contains("send(")
    }
}

//! What is tried: every place on the desktop and every word of the client that could carry a text.

use system_tests::policy::Rules;

/// Which way a text would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From the desktop to the browser.
    Out,
    /// From the browser to the desktop.
    In,
}

/// Whether VNC has a way to carry a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// It has none: nothing crosses, whatever the policy.
    Never,
    /// It is plain text: it crosses where the policy lets text go that way.
    Plain,
    /// It is text of another type, which becomes plain: it crosses where the policy lists no types.
    AsPlain,
}

/// Something that is tried once in each round, with a text of its own.
pub(crate) struct Attempt {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Which way the text would go.
    pub(crate) way: Way,
    /// Whether VNC has a way to carry it.
    pub(crate) carried: Carried,
    /// The client's words for it, which give what the daemon answered; nothing if it is tried on the
    /// desktop.
    pub(crate) script: &'static str,
    /// What the daemon's decisions call it.
    pub(crate) action: &'static str,
}

const fn out(name: &'static str, carried: Carried) -> Attempt {
    Attempt {
        name,
        way: Way::Out,
        carried,
        script: "",
        action: "clipboard",
    }
}

const fn inward(
    name: &'static str,
    carried: Carried,
    action: &'static str,
    script: &'static str,
) -> Attempt {
    Attempt {
        name,
        way: Way::In,
        carried,
        script,
        action,
    }
}

/// All of them. Those of the desktop are in the order in which [`crate::round`] takes them.
pub(crate) const ATTEMPTS: [Attempt; 19] = [
    out("X PRIMARY, `UTF8_STRING`", Carried::Plain),
    out("X CLIPBOARD, `UTF8_STRING`", Carried::Plain),
    out("X CLIPBOARD, `STRING`", Carried::Never),
    out("X CLIPBOARD, `text/html`", Carried::Never),
    out("X CLIPBOARD, `image/png`", Carried::Never),
    inward(
        "the browser's clipboard, pasted",
        Carried::Plain,
        "clipboard",
        "navigator.clipboard.writeText(text).then(() => navigator.clipboard.readText())
            .then(pasted => send(client.createClipboardStream('text/plain'), pasted))",
    ),
    inward(
        "`clipboard` of `text/html`",
        Carried::AsPlain,
        "clipboard",
        "send(client.createClipboardStream('text/html'), text)",
    ),
    inward(
        "`clipboard` of `image/png`",
        Carried::Never,
        "clipboard",
        "send(client.createClipboardStream('image/png'), text)",
    ),
    inward(
        "`argv` for `password`",
        Carried::Never,
        "parameter",
        "send(client.createArgumentValueStream('text/plain', 'password'), text)",
    ),
    inward(
        "`argv` for a name that is not one",
        Carried::Never,
        "parameter",
        "send(client.createArgumentValueStream(text, text), text)",
    ),
    inward(
        "`pipe`",
        Carried::Never,
        "pipe",
        "send(client.createPipeStream(text, text), text)",
    ),
    inward(
        "`file`",
        Carried::Never,
        "file",
        "send(client.createFileStream(text, text), text)",
    ),
    inward(
        "`audio`",
        Carried::Never,
        "audio",
        "send(client.createAudioStream(text), text)",
    ),
    inward(
        "`put`",
        Carried::Never,
        "object",
        "send(client.createObjectOutputStream(0, text, text), text)",
    ),
    inward("`get`", Carried::Never, "object", "say('get', 0, text)"),
    inward(
        "`usbconnect`, `usbdata`, `usbdisconnect`",
        Carried::Never,
        "usb",
        "say('usbconnect', text, text), say('usbdata', text, 0, base64(text)), say('usbdisconnect', text)",
    ),
    inward(
        "an opcode that is not one",
        Carried::Never,
        "unknown-opcode",
        "say(text, text), say('smuggle', base64(text))",
    ),
    inward(
        "`clipbaord`, `Clipboard`: misspelled",
        Carried::Never,
        "unknown-opcode",
        "say('clipbaord', 7, 'text/plain'), say('Clipboard', 7, text),
         say('blob', 7, base64(text)), say('end', 7)",
    ),
    inward(
        "opcodes of a server: `img`, `name`, `log`",
        Carried::Never,
        "unknown-opcode",
        "say('img', 7, 14, 0, text, 0, 0), say('name', text), say('log', base64(text))",
    ),
];

impl Attempt {
    /// Whether its text crosses under these rules.
    pub(crate) fn crosses(&self, rules: Rules) -> bool {
        let is_open = match (rules, self.way) {
            (Rules::Strict | Rules::BuiltIn, _) => false,
            (Rules::ImportOnly, way) => way == Way::In,
            (Rules::StockCompatible, _) => true,
        };
        match self.carried {
            Carried::Never => false,
            Carried::Plain => is_open,
            Carried::AsPlain => is_open && rules != Rules::ImportOnly,
        }
    }

    /// Whether the daemon decides on it: of a desktop's texts, the VNC server offers it those that
    /// are plain.
    pub(crate) fn reaches_daemon(&self) -> bool {
        self.way == Way::In || self.carried == Carried::Plain
    }

    /// The way's name in decisions.
    pub(crate) fn direction(&self) -> &'static str {
        match self.way {
            Way::Out => "out",
            Way::In => "in",
        }
    }

    /// Whether it opens a stream, on which it is answered.
    pub(crate) fn opens_stream(&self) -> bool {
        self.script.contains("send(")
    }
}

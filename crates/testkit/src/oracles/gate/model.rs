//! The model: what one viewer may do, in as few words as there are rules.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use guac_policy::{ClipboardLimits, Excess, Rate};

use super::outward;
use super::script::Line;
use super::site::Site;

/// What an instruction lets happen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Key(u32, bool),
    Pointer(u16, u16, u8),
    Resize(u16, u16),
    Paste(String),
    /// It happens in that time.
    Later(Box<Effect>, Duration),
    /// The session is told by this opcode.
    Session(&'static str),
    Credential(&'static str, String),
    /// It belongs to something that may come whole.
    Taken,
    Nothing,
    End,
}

/// What a stream that is open collects; `None` once nothing of it may pass.
type Collecting = Option<(Purpose, Vec<u8>)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Paste,
    Credential(&'static str),
}

/// One viewer.
pub(super) struct Viewer<'a> {
    site: &'a Site,
    asked: Vec<&'static str>,
    streams: BTreeMap<i32, Collecting>,
    pastes: Texts,
    copies: Texts,
    typed: Vec<Pace>,
    held: BTreeSet<u32>,
    pointer: (u16, u16, u8),
}

impl<'a> Viewer<'a> {
    pub(super) fn new(site: &'a Site) -> Self {
        let keys = site.keys;
        let pace = |rate: Option<Rate>, seconds| {
            rate.map(|rate| Pace::new(rate.sustained, rate.burst, Duration::from_secs(seconds)))
        };
        let second = pace(keys.and_then(|keys| keys.per_second), 1);
        let minute = pace(keys.and_then(|keys| keys.per_minute), 60);
        Self {
            site,
            asked: Vec::new(),
            streams: BTreeMap::new(),
            pastes: Texts::new(site.paste.as_ref()),
            copies: Texts::new(site.copy.as_ref()),
            typed: second.into_iter().chain(minute).collect(),
            held: BTreeSet::new(),
            pointer: (0, 0, 0),
        }
    }

    /// The daemon asks for parameters; only the owner may answer.
    pub(super) fn ask(&mut self, names: &[&'static str]) {
        self.asked.clear();
        if self.site.is_owner {
            self.asked.extend(names);
        }
    }

    /// Everything that is not named here does nothing.
    pub(super) fn vet(&mut self, line: &Line, now: Duration) -> Effect {
        match line.opcode {
            "sync" | "nop" | "disconnect" => Effect::Session(line.opcode),
            "key" | "mouse" | "size" if self.site.only_looks() => Effect::Nothing,
            "key" => self.key(line.unsigned(0), line.int(1) == 1, now),
            "mouse" => self.mouse(line.int(0), line.int(1), line.int(2)),
            "size" if self.site.is_owner => self.size(line.int(0).into(), line.int(1).into()),
            "blob" => self.blob(line),
            "end" => self.end(line.int(0), now),
            _ => match line.opened_stream() {
                Some(stream) => self.open(stream, line, now),
                None => Effect::Nothing,
            },
        }
    }

    fn key(&mut self, keysym: u32, pressed: bool, now: Duration) -> Effect {
        // Half a character is no key.
        let is_half = (0x0100_d800..=0x0100_dfff).contains(&keysym);
        let Some(budget) = self.site.keys else {
            return self.press(keysym, pressed && !is_half, is_half);
        };
        if !pressed {
            // Without its press a release would be a letter that costs nothing.
            return self.press(keysym, false, !self.held.contains(&keysym));
        }
        let waits = self.typed.iter_mut().map(|pace| pace.wait(1, now));
        let wait = waits.max().unwrap_or_default();
        match budget.excess {
            Excess::Refuse if !wait.is_zero() => return Effect::Nothing,
            Excess::End if !wait.is_zero() => return Effect::End,
            Excess::Refuse | Excess::End | Excess::Delay => {}
        }
        let effect = self.press(keysym, true, is_half);
        if effect == Effect::Nothing {
            return effect;
        }
        self.typed.iter_mut().for_each(|pace| pace.spend(1, now));
        if wait.is_zero() {
            effect
        } else {
            Effect::Later(Box::new(effect), wait)
        }
    }

    fn press(&mut self, keysym: u32, pressed: bool, is_void: bool) -> Effect {
        // Nobody holds more keys than that.
        let is_full = pressed && self.held.len() == 256 && !self.held.contains(&keysym);
        if is_void || is_full {
            return Effect::Nothing;
        }
        if pressed {
            self.held.insert(keysym);
        } else {
            self.held.remove(&keysym);
        }
        Effect::Key(keysym, pressed)
    }

    fn mouse(&mut self, x: i32, y: i32, buttons: i32) -> Effect {
        let place = |at: i32| at.clamp(0, 65_535) as u16;
        self.pointer = (place(x), place(y), (buttons & 0xff) as u8);
        Effect::Pointer(self.pointer.0, self.pointer.1, self.pointer.2)
    }

    /// The largest size of the same shape that fits.
    fn size(&self, width: i64, height: i64) -> Effect {
        let (widest, highest) = self.site.resize.unwrap_or((8192, 8192));
        let (widest, highest) = (i64::from(widest), i64::from(highest));
        if width < 1 || height < 1 || widest == 0 {
            return Effect::Nothing;
        }
        let size = if width <= widest && height <= highest {
            (width, height)
        } else if width * highest < widest * height {
            ((width * highest / height).max(1), highest)
        } else {
            (widest, (height * widest / width).max(1))
        };
        Effect::Resize(size.0 as u16, size.1 as u16)
    }

    /// Texts for the clipboard and answers to questions may come; every other stream is dead.
    fn open(&mut self, stream: i32, line: &Line, now: Duration) -> Effect {
        let purpose = match line.opcode {
            "clipboard" => self.may_paste(&line.args[1], now).then_some(Purpose::Paste),
            "argv" => {
                let asked = self.asked.iter().find(|name| **name == line.args[2]);
                asked.map(|name| Purpose::Credential(name))
            }
            _ => None,
        };
        if !(0..512).contains(&stream) {
            return Effect::Nothing;
        }
        // Whatever was open at this place, and what this one replaces, is gone.
        if purpose.is_some() {
            for open in self.streams.values_mut() {
                open.take_if(|(other, _)| Some(*other) == purpose);
            }
        }
        let collecting = purpose.map(|purpose| (purpose, Vec::new()));
        self.streams.insert(stream, collecting);
        match purpose {
            Some(_) => Effect::Taken,
            None => Effect::Nothing,
        }
    }

    fn may_paste(&mut self, mimetype: &str, now: Duration) -> bool {
        let (Some(_), Some(limits)) = (self.site.pastes(), &self.site.paste) else {
            return false;
        };
        let bare = mimetype.split(';').next().unwrap_or_default();
        let listed = &limits.mime_types;
        let is_listed = listed.is_empty() && bare.starts_with("text/")
            || listed.iter().any(|name| name == bare);
        is_listed && self.pastes.may(0, now)
    }

    fn blob(&mut self, line: &Line) -> Effect {
        let Some(open) = self.streams.get_mut(&line.int(0)) else {
            return Effect::Nothing;
        };
        let Some((purpose, body)) = open else {
            return Effect::Nothing;
        };
        let most = match purpose {
            Purpose::Paste => self.site.pastes().unwrap_or(0),
            Purpose::Credential(_) => 16_383,
        };
        match &line.data {
            Some(data) if body.len() + data.len() <= most => {
                body.extend(data);
                Effect::Taken
            }
            // Too much, or not what it has to be: nothing of it passes any more.
            Some(_) | None => {
                *open = None;
                Effect::Nothing
            }
        }
    }

    fn end(&mut self, stream: i32, now: Duration) -> Effect {
        let Some(Some((purpose, body))) = self.streams.remove(&stream) else {
            return Effect::Nothing;
        };
        let Some(text) = as_text(&body) else {
            return Effect::Nothing;
        };
        match purpose {
            Purpose::Credential(name) => {
                self.asked.retain(|asked| *asked != name);
                Effect::Credential(name, text)
            }
            Purpose::Paste if self.pastes.may(text.len(), now) => {
                self.pastes.spend(text.len(), now);
                Effect::Paste(text)
            }
            Purpose::Paste => Effect::Nothing,
        }
    }

    /// Whether a text of the desktop may go to this viewer now.
    pub(super) fn copy(&mut self, text: &str, now: Duration) -> bool {
        let fits = self.site.copies().is_some_and(|most| text.len() <= most);
        let may = fits && self.copies.may(text.len(), now);
        if may {
            self.copies.spend(text.len(), now);
        }
        may
    }

    /// Whether the daemon may say this beside frames.
    pub(super) fn says(&self, line: &Line) -> bool {
        outward::says(self.site, &self.asked, line)
    }

    /// Checks what was let go when the viewer left.
    pub(super) fn release(self, mut let_go: Vec<Effect>) {
        let mut expected: Vec<_> = self
            .held
            .iter()
            .map(|&key| Effect::Key(key, false))
            .collect();
        if self.pointer.2 != 0 {
            expected.push(Effect::Pointer(self.pointer.0, self.pointer.1, 0));
        }
        let_go.sort();
        assert_eq!(let_go, expected);
    }
}

/// Text as the stock client encodes it: UTF-8, or UTF-16's halves in three bytes each.
fn as_text(mut bytes: &[u8]) -> Option<String> {
    let mut units = Vec::new();
    while let [first, rest @ ..] = bytes {
        if let (0xed, [second @ 0xa0..=0xbf, third @ 0x80..=0xbf, after @ ..]) = (first, rest) {
            units.push(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f));
            bytes = after;
        } else {
            let size =
                (1..=4.min(bytes.len())).find(|&n| std::str::from_utf8(&bytes[..n]).is_ok())?;
            let (character, after) = bytes.split_at(size);
            units.extend(std::str::from_utf8(character).ok()?.encode_utf16());
            bytes = after;
        }
    }
    String::from_utf16(&units).ok()
}

/// What a clipboard rule says of how often and how much.
struct Texts {
    texts: Option<Pace>,
    bytes: Option<Pace>,
    interval: Option<Duration>,
    last: Option<Duration>,
}

impl Texts {
    fn new(limits: Option<&ClipboardLimits>) -> Self {
        let minute = |most: u32| Pace::new(most, most, Duration::from_secs(60));
        Self {
            texts: limits.and_then(|limits| limits.per_minute).map(minute),
            bytes: limits
                .and_then(|limits| limits.bytes_per_minute)
                .map(minute),
            interval: limits.and_then(|limits| limits.interval),
            last: None,
        }
    }

    fn may(&mut self, bytes: usize, now: Duration) -> bool {
        let is_rested = match (self.last, self.interval) {
            (Some(last), Some(interval)) => last + interval <= now,
            _ => true,
        };
        let is_there = |pace: &mut Option<Pace>, tokens| {
            pace.as_mut()
                .is_none_or(|pace| pace.wait(tokens, now).is_zero())
        };
        is_rested && is_there(&mut self.texts, 1) && is_there(&mut self.bytes, bytes as i128)
    }

    fn spend(&mut self, bytes: usize, now: Duration) {
        self.last = Some(now);
        for (pace, tokens) in [(&mut self.texts, 1), (&mut self.bytes, bytes as i128)] {
            if let Some(pace) = pace {
                pace.spend(tokens, now);
            }
        }
    }
}

/// So many in each period in the long run, and so many at once after a rest, by the time at which
/// everything that passed would have been due had it come one by one. In nanoseconds times the number
/// per period, so that all is whole.
struct Pace {
    sustained: i128,
    each: i128,
    ahead: i128,
    due: i128,
}

impl Pace {
    fn new(sustained: u32, burst: u32, period: Duration) -> Self {
        let each = period.as_nanos() as i128;
        Self {
            sustained: sustained.into(),
            each,
            ahead: each * i128::from(burst),
            due: 0,
        }
    }

    fn wait(&self, tokens: i128, now: Duration) -> Duration {
        let now = now.as_nanos() as i128 * self.sustained;
        let lacking = self.due.max(now) + tokens * self.each - self.ahead - now;
        let nanos = (lacking.max(0) + self.sustained - 1) / self.sustained;
        Duration::from_nanos(nanos as u64)
    }

    fn spend(&mut self, tokens: i128, now: Duration) {
        let now = now.as_nanos() as i128 * self.sustained;
        self.due = self.due.max(now) + tokens * self.each;
    }
}

//! A headless Chromium, shared by the tests of one binary, with a page for each.

use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::process::{Process, find_program, remove_at_exit};
use testkit::wait::PATIENCE;

use crate::devtools::DevTools;

const FLAGS: [&str; 19] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-breakpad",
    "--metrics-recording-only",
    // Pages that are not in front must run as if they were.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    // Colours must come out as they went in.
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--remote-debugging-port=0",
];

/// The size of a page's window: larger than any desktop that is shown in it.
const WINDOW: (u32, u32) = (1400, 1100);

/// The one browser of this test process. The guard of `testkit` ends it with the process.
struct Browser {
    tools: Mutex<DevTools>,
    authority: String,
    _process: Process,
}

/// A page in a window of its own; closed when it is dropped.
pub struct Page {
    tools: DevTools,
    target: String,
    /// The browser's name for what belongs to this page alone.
    context: Value,
}

/// A button of the mouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// The left one.
    Left,
    /// The wheel pressed.
    Middle,
    /// The right one.
    Right,
}

impl Browser {
    fn shared() -> Result<&'static Self> {
        static SHARED: OnceLock<Result<Browser, String>> = OnceLock::new();
        let shared = SHARED.get_or_init(|| Self::start().map_err(|error| format!("{error:#}")));
        shared
            .as_ref()
            .map_err(|error| anyhow::Error::msg(error.clone()))
    }

    fn start() -> Result<Self> {
        let program = find_program(&["chromium", "chromium-browser", "google-chrome"])?;
        // The handle lives in a static, which is never dropped.
        let profile = TempDir::new()?.keep();
        remove_at_exit(&profile);
        let mut process = Process::start(&mut command(&program, &profile))?;
        let address = process.await_line("the browser's address", 0, PATIENCE, |line| {
            line.strip_prefix("DevTools listening on ")
                .map(str::to_owned)
        })?;
        let authority = address
            .split('/')
            .nth(2)
            .context("an address has an authority")?;
        let (authority, tools) = (
            authority.to_owned(),
            Mutex::new(DevTools::connect(&address)?),
        );
        Ok(Self {
            tools,
            authority,
            _process: process,
        })
    }

    fn call(&self, method: &str, parameters: Value) -> Result<Value> {
        self.tools
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .call(method, parameters)
    }
}

impl Page {
    /// Opens an address in a new window.
    ///
    /// # Errors
    /// When the browser is not installed or does not start.
    pub fn open(address: &str) -> Result<Self> {
        let browser = Browser::shared()?;
        // A context of its own is what a person with another computer has.
        let context =
            browser.call("Target.createBrowserContext", json!({}))?["browserContextId"].take();
        let (width, height) = WINDOW;
        let created = browser.call(
            "Target.createTarget",
            json!({ "url": address, "width": width, "height": height, "newWindow": true,
                    "browserContextId": context }),
        )?;
        let target = created["targetId"]
            .as_str()
            .context("a page has an id")?
            .to_owned();
        let tools = DevTools::connect(&format!(
            "ws://{}/devtools/page/{target}",
            browser.authority
        ))?;
        let mut page = Self {
            tools,
            target,
            context,
        };
        page.call(
            "Emulation.setFocusEmulationEnabled",
            json!({ "enabled": true }),
        )?;
        page.call(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
        )?;
        Ok(page)
    }

    /// The value of a JavaScript expression, awaited if it is a promise.
    ///
    /// # Errors
    /// When it throws.
    pub fn evaluate(&mut self, expression: &str) -> Result<Value> {
        let mut answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        )?;
        if let Some(exception) = answer.get("exceptionDetails") {
            let text = exception["exception"]["description"]
                .as_str()
                .unwrap_or_default();
            bail!("{expression} threw {text}");
        }
        Ok(answer["result"]["value"].take())
    }

    /// A key event, as the browser describes one.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn key(&mut self, event: Value) -> Result<()> {
        self.call("Input.dispatchKeyEvent", event).map(drop)
    }

    /// Lets the page read and write the browser's clipboard, as a person does who is asked.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn allow_clipboard(&mut self) -> Result<()> {
        let permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"];
        Browser::shared()?
            .call(
                "Browser.grantPermissions",
                json!({ "permissions": permissions, "browserContextId": self.context }),
            )
            .map(drop)
    }

    /// Puts text in as an input method does, without any key.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn insert_text(&mut self, text: &str) -> Result<()> {
        self.call("Input.insertText", json!({ "text": text }))
            .map(drop)
    }

    /// Moves the mouse, with those buttons held.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn move_mouse(&mut self, x: u32, y: u32, held: &[Button]) -> Result<()> {
        self.mouse("mouseMoved", x, y, None, held)
    }

    /// Presses a button; `held` includes it.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn press(&mut self, x: u32, y: u32, button: Button, held: &[Button]) -> Result<()> {
        self.mouse("mousePressed", x, y, Some(button), held)
    }

    /// Lets a button go; `held` no longer includes it.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn release(&mut self, x: u32, y: u32, button: Button, held: &[Button]) -> Result<()> {
        self.mouse("mouseReleased", x, y, Some(button), held)
    }

    /// Turns the wheel by CSS pixels; down is positive.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn wheel(&mut self, x: u32, y: u32, delta: i32) -> Result<()> {
        let event = json!({ "type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": delta });
        self.call("Input.dispatchMouseEvent", event).map(drop)
    }

    /// What the window shows, as the bytes of a PNG.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn screenshot(&mut self) -> Result<Vec<u8>> {
        let answer = self.call("Page.captureScreenshot", json!({ "format": "png" }))?;
        Ok(STANDARD.decode(answer["data"].as_str().context("a screenshot has data")?)?)
    }

    fn mouse(
        &mut self,
        kind: &str,
        x: u32,
        y: u32,
        button: Option<Button>,
        held: &[Button],
    ) -> Result<()> {
        let mask: u32 = held.iter().map(|button| button.bit()).sum();
        let event = json!({ "type": kind, "x": x, "y": y, "buttons": mask, "clickCount": 1,
                            "button": button.map_or("none", Button::name) });
        self.call("Input.dispatchMouseEvent", event).map(drop)
    }

    fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.tools.call(method, parameters)
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Ok(browser) = Browser::shared() {
            // A page that has crashed is closed as well.
            let _ = browser.call("Target.closeTarget", json!({ "targetId": self.target }));
        }
    }
}

impl Button {
    fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Middle => "middle",
            Self::Right => "right",
        }
    }

    /// Its bit in a mouse event of the DOM, where right comes before middle.
    fn bit(self) -> u32 {
        match self {
            Self::Left => 1,
            Self::Right => 2,
            Self::Middle => 4,
        }
    }
}

fn command(program: &Path, profile: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg("about:blank");
    // Without a session bus it would wait for one.
    command
        .env_remove("DISPLAY")
        .env("DBUS_SESSION_BUS_ADDRESS", "disabled:");
    command
}

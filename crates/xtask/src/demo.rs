//! `cargo xtask demo`: a real VNC desktop, guacd, and a page with the stock Guacamole
//! client, all on loopback and free ports.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::json;

use crate::desktop::{Desktop, connect, free_port, write_private};
use crate::part::Parts;
use crate::run::{cargo, command, find_program, root, run as run_program, target_folder};
use crate::setup::{self, For};

const START_LIMIT: Duration = Duration::from_secs(20);
const CHECK_SECONDS: &str = "60";

/// Starts it all, prints the page's address, and ends it all on Ctrl-C.
pub(crate) fn run(port: u16) -> Result<()> {
    let (guacd, folder) = prepare()?;
    let mut parts = Parts::new(&folder)?;
    let address = start(&mut parts, &guacd, &folder, port)?;
    println!("\n  The desktop is ready at  {address}\n");
    println!("  Logs are in {}. Ctrl-C ends it all.\n", folder.display());
    let ended = parts.run_until_stopped();
    println!("Ending …");
    drop(parts);
    ended?;
    // After a failure the logs stay to be read.
    Ok(fs::remove_dir_all(folder)?)
}

/// Starts it all, waits until a browser shows the desktop, and ends it all.
pub(crate) fn check(port: u16, screenshot: Option<PathBuf>) -> Result<()> {
    let (guacd, folder) = prepare()?;
    let mut parts = Parts::new(&folder)?;
    let address = start(&mut parts, &guacd, &folder, port)?;
    let default = || target_folder().map(|target| target.join("demo/check.png"));
    let screenshot = std::path::absolute(screenshot.map_or_else(default, Ok)?)?;
    let browser = find_program("chromium").context("there is no chromium")?;
    let args = [
        "tests/web/check.js",
        "--seconds",
        CHECK_SECONDS,
        "--url",
        &address,
    ];
    let mut check = command("node", args);
    check
        .arg("--browser")
        .arg(browser)
        .arg("--screenshot")
        .arg(screenshot);
    parts.run_to_end("check", &mut check)?;
    drop(parts);
    Ok(fs::remove_dir_all(folder)?)
}

/// Installs and builds what is needed. Returns the daemon and the folder for files and logs.
fn prepare() -> Result<(PathBuf, PathBuf)> {
    setup::install(&[For::Demo])?;
    println!("Building guacd …");
    let release = ["build", "--release", "--locked", "--package", "guacd"];
    run_program(&mut cargo(release))?;
    let target = target_folder()?;
    // Two demos may run at a time: each has a folder of its own.
    let folder = target.join("demo").join(std::process::id().to_string());
    fs::create_dir_all(&folder)?;
    Ok((target.join("release/guacd"), folder))
}

fn start(parts: &mut Parts, guacd: &Path, folder: &Path, port: u16) -> Result<String> {
    let begin = Instant::now();
    let desktop = Desktop::choose()?;
    println!("Starting guacd …");
    let guacd_port = start_guacd(parts, guacd)?;
    println!("Starting the page …");
    let port = start_page(parts, folder, &desktop, guacd_port, port)?;
    let address = format!("http://127.0.0.1:{port}/");
    println!("Starting the desktop (TigerVNC, window manager, terminal, browser) …");
    desktop.start(parts, folder, &format!("{address}welcome.html"))?;
    println!("All started in {:.1} s.", begin.elapsed().as_secs_f32());
    Ok(address)
}

fn start_guacd(parts: &mut Parts, guacd: &Path) -> Result<u16> {
    let port = free_port()?;
    let mut daemon = command(&guacd.to_string_lossy(), ["-f", "-b", "127.0.0.1", "-l"]);
    parts.start("guacd", daemon.arg(port.to_string()))?;
    parts.wait_for("guacd", START_LIMIT, || connect(port))?;
    Ok(port)
}

fn start_page(
    parts: &mut Parts,
    folder: &Path,
    desktop: &Desktop,
    guacd_port: u16,
    port: u16,
) -> Result<u16> {
    // The page's server knows the desktop, so neither the address in the browser's
    // history nor the process list shows the password.
    let defaults = folder.join("page.json");
    let settings = json!({
        "hostname": "127.0.0.1",
        "port": desktop.port.to_string(),
        "password": desktop.password,
        "resize": "true",
        "protocol": "VERSION_1_5_0",
    });
    write_private(&defaults, settings.to_string().as_bytes())?;
    let server = root().join("tests/web/server.js");
    let log = parts.start(
        "page",
        command("node", [server.as_os_str()])
            .args([
                "--port",
                &port.to_string(),
                "--guacd-port",
                &guacd_port.to_string(),
            ])
            .arg("--defaults")
            .arg(&defaults),
    )?;
    parts.wait_for("the page", START_LIMIT, || {
        let text = fs::read_to_string(&log).ok()?;
        text.lines()
            .find_map(|line| line.strip_prefix("listening on ")?.parse().ok())
    })
}

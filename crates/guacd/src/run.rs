//! The life of the process, from its command line to its exit code.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;
use std::thread::available_parallelism;
use std::time::Duration;

use guac_policy::Policy;
use guac_recorder::seal::{RecipientError, Recipients};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use crate::daemon::signals::{Hangups, Termination, survive_file_size_limit};
use crate::daemon::{background, descriptors, pid_file};
use crate::decisions::Event;
use crate::exit::Exit;
#[cfg(feature = "object-store")]
use crate::keeping::Leftovers;
use crate::listener::{BindError, Bound, ListenError, Listener, TlsError, load_tls, resolve};
use crate::logging::{self, SystemLog};
use crate::options::{Mode, Request, Settings, VncError};
use crate::policy_file::{self, PolicyFileError, PolicySource};
use crate::policy_tool;
use crate::server::{DecisionLog, Records, Server};

/// What `-v` prints; the start line of the log begins with it.
pub(crate) const VERSION_LINE: &str = concat!(
    "Guacamole proxy daemon (guacd) version ",
    env!("CARGO_PKG_VERSION")
);

/// How long sessions have to end in order once the daemon is asked to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the decision log has to be written to its end.
const LOG_TIMEOUT: Duration = Duration::from_secs(2);

/// Threads that wait for the network, at most: pixels are encoded on threads of their own.
const MAX_WORKER_THREADS: usize = 8;
/// And at least: a session that computes must not keep others from being answered.
const MIN_WORKER_THREADS: usize = 2;

/// Why a daemon whose settings are well-formed does not start.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Vnc(#[from] VncError),
    #[error(transparent)]
    Policy(#[from] PolicyFileError),
    #[error("Could not open the decision log: {0}")]
    DecisionLog(io::Error),
    #[error("The directory for evidence cannot be named: {0}")]
    Evidence(io::Error),
    #[error("Recordings cannot be sealed: {0}")]
    SealTo(RecipientError),
    #[error("Could not become a daemon: {0}")]
    Background(io::Error),
    #[error("Could not write PID file: {0}")]
    PidFile(io::Error),
    #[error("Could not set up signal handling: {0}")]
    Signals(io::Error),
    #[error("Could not start threads: {0}")]
    Threads(io::Error),
    #[error(transparent)]
    Listen(#[from] ListenError),
}

impl From<&StartError> for Exit {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Listen(_) => Self::ListenFailed,
            _ => Self::Failure,
        }
    }
}

/// Runs the program with this process's arguments and environment, until its end. Nothing passes
/// between viewers and desktops that `policy` does not let pass; flags can open ways to desktops.
pub fn main(policy: Policy) -> ExitCode {
    let words: Vec<_> = env::args_os().collect();
    if let [_, word, rest @ ..] = words.as_slice()
        && word == "policy"
    {
        return policy_tool::main(rest, policy).into();
    }
    match Request::read(words, |name| env::var_os(name)) {
        Ok(Request::Print(text)) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => Exit::Success.into(),
            Err(_) => Exit::Failure.into(),
        },
        Ok(Request::Run(settings)) if settings.mode == Mode::Daemonize => background::start(),
        Ok(Request::Run(settings)) => run(&settings, policy).into(),
        Err(error) => {
            // Without standard error there is nobody to tell but the exit code.
            let _ = writeln!(io::stderr(), "{error}");
            Exit::Failure.into()
        }
    }
}

fn run(settings: &Settings, policy: Policy) -> Exit {
    for warning in &settings.warnings {
        let _ = writeln!(io::stderr(), "{warning}");
    }
    let system_log = match settings.mode {
        Mode::Foreground => SystemLog::Unused,
        Mode::Daemonize | Mode::Detached => SystemLog::Used,
    };
    logging::init(settings.log_level, settings.log_format, system_log);
    tracing::info!("{VERSION_LINE} started");
    if 0 < settings.ignored_words {
        tracing::warn!(
            "{} arguments are not flags and were ignored",
            settings.ignored_words
        );
    }
    descriptors::raise_limit();
    let runtime = match runtime() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&error),
    };
    let exit = match runtime.block_on(start(settings, policy)) {
        Ok(daemon) => runtime.block_on(daemon.run()),
        Err(error) => refuse(&error),
    };
    // What sessions left behind on blocking threads does not keep the process alive.
    runtime.shutdown_background();
    exit
}

fn refuse(error: &StartError) -> Exit {
    // What is wrong with a policy is many lines, each of which is one of the log.
    for line in error.to_string().lines() {
        tracing::error!("{line}");
    }
    error.into()
}

/// The threads that sessions run on; the standard library knows the container's CPU quota.
fn runtime() -> Result<Runtime, StartError> {
    let processors = available_parallelism().map_or(MIN_WORKER_THREADS, usize::from);
    Builder::new_multi_thread()
        .worker_threads(processors.clamp(MIN_WORKER_THREADS, MAX_WORKER_THREADS))
        .thread_name("guacd-worker")
        .enable_all()
        .build()
        .map_err(StartError::Threads)
}

/// A daemon that accepts connections.
struct Daemon {
    termination: Termination,
    listener: Listener,
    server: Server,
}

/// Does what can fail, in the order of the C daemon.
async fn start(settings: &Settings, policy: Policy) -> Result<Daemon, StartError> {
    let termination = Termination::watch().map_err(StartError::Signals)?;
    let hangups = Hangups::watch().map_err(StartError::Signals)?;
    survive_file_size_limit().map_err(StartError::Signals)?;
    let source = PolicySource::new(settings.policy.clone(), policy, settings.vnc.clone());
    let policy = source.load()?;
    let addresses = resolve(&settings.bind_host, &settings.bind_port).await?;
    let recipients = recipients(&settings.seal_to)?;
    let bound = Bound::bind(&addresses)?;
    let tls = load_tls(settings.certificate.as_deref(), settings.key.as_deref())?;
    let options = settings.vnc.options(&settings.bind_host)?;
    if settings.mode == Mode::Detached {
        background::detach().map_err(StartError::Background)?;
    }
    if let Some(path) = &settings.pid_file {
        pid_file::write(path).map_err(StartError::PidFile)?;
    }
    let sockets = bound.listen()?;
    let decisions = DecisionLog::open(&settings.decision_log).map_err(StartError::DecisionLog)?;
    let evidence = settings.evidence.as_deref().map(std::path::absolute);
    let evidence = evidence.transpose().map_err(StartError::Evidence)?;
    let records = Records {
        decisions,
        evidence: evidence.map(Into::into),
        recipients,
    };
    let server = Server::with_records(policy, options, records);
    server.decisions().write(&Event::DaemonStart {
        daemon: env!("CARGO_PKG_VERSION"),
    });
    policy_file::announce(&server);
    tokio::spawn(policy_file::reload_on_hangups(
        hangups,
        source,
        server.clone(),
    ));
    #[cfg(feature = "object-store")]
    Leftovers::of(&server).store();
    let listener = Listener::start(sockets, tls, server.clone());
    if settings.mode == Mode::Detached {
        background::report_ready().map_err(StartError::Background)?;
    }
    Ok(Daemon {
        termination,
        listener,
        server,
    })
}

impl Daemon {
    /// Serves until it is asked to stop, then ends all sessions in order.
    async fn run(self) -> Exit {
        let Self {
            mut termination,
            listener,
            server,
        } = self;
        let signal = termination.requested().await;
        tracing::info!("{signal} received, shutting down");
        listener.stop().await;
        let exit = end(server.shutdown(), termination.requested()).await;
        server.decisions().write(&Event::DaemonEnd);
        let decisions = server.decisions().clone();
        let closing = tokio::task::spawn_blocking(move || decisions.close());
        if timeout(LOG_TIMEOUT, closing).await.is_err() {
            tracing::error!("The decision log could not be written to its end");
        }
        exit
    }
}

/// Whom recordings are sealed to, if anybody is named.
fn recipients(keys: &[String]) -> Result<Option<Recipients>, StartError> {
    let parsed = (!keys.is_empty()).then(|| Recipients::parse(keys));
    parsed.transpose().map_err(StartError::SealTo)
}

/// Waits for the sessions to end. A second request, or sessions that take too long, cut that short.
async fn end(
    sessions: impl Future<Output = ()>,
    again: impl Future<Output = &'static str>,
) -> Exit {
    tokio::select! {
        ended = timeout(SHUTDOWN_TIMEOUT, sessions) => {
            if ended.is_err() {
                tracing::warn!("Sessions did not end in a timely manner and are cut off");
            }
            Exit::Success
        }
        signal = again => {
            tracing::warn!("{signal} received again, ending at once");
            Exit::Failure
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_second_signal_does_not_wait_for_sessions() {
        assert_eq!(end(ready(()), pending()).await, Exit::Success);
        assert_eq!(end(pending(), ready("SIGINT")).await, Exit::Failure);
    }

    #[test]
    fn only_a_failure_to_listen_has_a_code_of_its_own() {
        let listen = StartError::Listen(io::Error::other("in use").into());
        assert_eq!(Exit::from(&listen).code(), 3);
        assert_eq!(
            Exit::from(&StartError::Bind(BindError::NoAddress)).code(),
            1
        );
        assert_eq!(Exit::from(&StartError::Tls(TlsError::NoKeyGiven)).code(), 1);
    }
}

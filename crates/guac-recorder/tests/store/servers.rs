//! Object store servers from the registries, each on a free port of the loopback. `cargo xtask setup`
//! installs them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use guac_recorder::store::Store;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

/// For a server to start on a machine that is busy.
const START: Duration = Duration::from_secs(60);

/// A server that can be killed and started again, with what it had.
pub(crate) struct Server {
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(&'static str, String)>,
    port: u16,
    child: Option<Child>,
    /// Where it keeps what it keeps.
    directory: TempDir,
}

impl Server {
    fn new(program: &str, arguments: impl Fn(u16, &Path) -> Vec<String>) -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/stores")
            .join(program);
        assert!(
            program.exists(),
            "{} is not installed: run `cargo xtask setup`",
            program.display()
        );
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let directory = tempfile::tempdir().unwrap();
        Self {
            arguments: arguments(port, directory.path()),
            program,
            environment: Vec::new(),
            port,
            child: None,
            directory,
        }
    }

    pub(crate) fn start(&mut self) {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .current_dir(self.directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let begin = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(child.try_wait().unwrap().is_none(), "the server stopped");
            assert!(begin.elapsed() < START, "the server does not listen");
            thread::yield_now();
        }
        self.child = Some(child);
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// A request without credentials: the status, the headers in lower case and the body.
    pub(crate) fn ask(&self, request: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let mut text = format!(
            "{request} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-length: {}\r\n",
            self.port,
            body.len()
        );
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        socket
            .write_all(format!("{text}\r\n{body}").as_bytes())
            .unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, _) = answer.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
}

impl Answer {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{self:?}");
        self
    }
}

/// An S3 server with a bucket that locks each object for a day.
pub(crate) struct S3(pub(crate) Server);

impl S3 {
    pub(crate) fn start() -> Self {
        let mut server = Server::new(".venv/bin/moto_server", |port, _| {
            ["-H", "127.0.0.1", "-p", &port.to_string()]
                .map(str::to_owned)
                .to_vec()
        });
        // It has everything in memory, and a log of what it was asked.
        let log = server.directory.path().join("log").display().to_string();
        server.environment = vec![
            ("MOTO_ENABLE_RECORDING", "true".to_owned()),
            ("MOTO_RECORDER_FILEPATH", log),
        ];
        server.start();
        let lock = [("x-amz-bucket-object-lock-enabled", "true")];
        server.ask("PUT /recordings", &lock, "").ok();
        let xml = [("content-type", "application/xml")];
        let retention = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
            <DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>\
            </ObjectLockConfiguration>";
        server
            .ask("PUT /recordings?object-lock", &xml, retention)
            .ok();
        Self(server)
    }

    /// Starts it again, with what it was asked for before.
    pub(crate) fn start_again(&mut self) {
        self.0.start();
        self.0
            .ask("POST /moto-api/recorder/replay-recording", &[], "")
            .ok();
    }

    pub(crate) fn store(&self) -> Store {
        let variables = [
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.0.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_PROFILE", "of other programs".to_owned()),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Store::open_with("s3://recordings/desk/one", variables).unwrap()
    }
}

/// An Azure Blob server with a container.
pub(crate) struct Azure(pub(crate) Server);

impl Azure {
    const ACCOUNT: &str = "recorder";

    pub(crate) fn start() -> Self {
        let mut server = Server::new("node_modules/.bin/azurite-blob", |port, directory| {
            let directory = directory.display().to_string();
            let port = port.to_string();
            [
                "--blobPort",
                &port,
                "--location",
                &directory,
                "--silent",
                "--disableTelemetry",
            ]
            .map(str::to_owned)
            .to_vec()
        });
        let account = format!("{}:{}", Self::ACCOUNT, BASE64.encode(b"a secret of tests"));
        server.environment = vec![("AZURITE_ACCOUNTS", account)];
        server.start();
        let azure = Self(server);
        azure.make_container();
        azure
    }

    /// Only somebody with the key may, so the request is signed: "Authorize with Shared Key".
    fn make_container(&self) {
        let account = Self::ACCOUNT;
        let date = jiff::Timestamp::now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        let signed = format!(
            "PUT{}x-ms-date:{date}\nx-ms-version:2021-08-06\n/{account}/{account}/recordings\nrestype:container",
            "\n".repeat(12)
        );
        let signature = BASE64.encode(&hmac(b"a secret of tests", signed.as_bytes()));
        let headers = [
            ("x-ms-date", date.as_str()),
            ("x-ms-version", "2021-08-06"),
            ("authorization", &format!("SharedKey {account}:{signature}")),
        ];
        let request = format!("PUT /{account}/recordings?restype=container");
        self.0.ask(&request, &headers, "").ok();
    }

    pub(crate) fn store(&self, secret: &[u8]) -> Store {
        let account = Self::ACCOUNT;
        let variables = [
            (
                "AZURE_STORAGE_ENDPOINT",
                format!("http://127.0.0.1:{}/{account}", self.0.port),
            ),
            ("AZURE_ALLOW_HTTP", "true".to_owned()),
            ("AZURE_STORAGE_ACCOUNT_NAME", account.to_owned()),
            ("AZURE_STORAGE_ACCOUNT_KEY", BASE64.encode(secret)),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value));
        Store::open_with("az://recordings/desk", variables).unwrap()
    }
}

/// HMAC-SHA256 (RFC 2104), for keys of up to a block.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner = Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x36))
        .chain_update(text)
        .finalize();
    Sha256::new()
        .chain_update(block.map(|byte| byte ^ 0x5C))
        .chain_update(inner)
        .finalize()
        .into()
}

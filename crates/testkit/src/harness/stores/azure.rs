//! azurite, as an Azure Blob server.

use anyhow::Result;
use data_encoding::BASE64;
use rustix::process::Signal;
use sha2::{Digest as _, Sha256};

use super::{ObjectServer, Server, owned};

/// The account, which is made with the server.
const ACCOUNT: &str = "recorder";

/// Its key.
const SECRET: &[u8] = b"a secret of tests";

/// An Azure Blob server with a container.
pub struct Azure(Server);

impl Azure {
    /// Starts one.
    ///
    /// # Errors
    /// When it is not installed, or does not do what Azure does.
    pub fn start() -> Result<Self> {
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
        })?;
        let account = format!("{ACCOUNT}:{}", BASE64.encode(SECRET));
        server.environment = vec![("AZURITE_ACCOUNTS", account)];
        server.start()?;
        let azure = Self(server);
        azure.make_container()?;
        Ok(azure)
    }

    /// Only somebody with the key may, so the request is signed: "Authorize with Shared Key".
    fn make_container(&self) -> Result<()> {
        let date = jiff::Timestamp::now()
            .strftime("%a, %d %b %Y %H:%M:%S GMT")
            .to_string();
        let signed = format!(
            "PUT{}x-ms-date:{date}\nx-ms-version:2021-08-06\n/{ACCOUNT}/{ACCOUNT}/recordings\nrestype:container",
            "\n".repeat(12)
        );
        let signature = BASE64.encode(&hmac(SECRET, signed.as_bytes()));
        let headers = [
            ("x-ms-date", date.as_str()),
            ("x-ms-version", "2021-08-06"),
            ("authorization", &format!("SharedKey {ACCOUNT}:{signature}")),
        ];
        let request = format!("PUT /{ACCOUNT}/recordings?restype=container");
        self.0.demand(&request, &headers, "")?;
        Ok(())
    }

    /// The environment of somebody whose key is another one.
    #[must_use]
    pub fn wrong_variables(&self) -> Vec<(String, String)> {
        self.variables_with(b"another secret")
    }

    fn variables_with(&self, secret: &[u8]) -> Vec<(String, String)> {
        owned([
            (
                "AZURE_STORAGE_ENDPOINT",
                format!("http://127.0.0.1:{}/{ACCOUNT}", self.0.port),
            ),
            ("AZURE_ALLOW_HTTP", "true".to_owned()),
            ("AZURE_STORAGE_ACCOUNT_NAME", ACCOUNT.to_owned()),
            ("AZURE_STORAGE_ACCOUNT_KEY", BASE64.encode(secret)),
        ])
    }
}

impl ObjectServer for Azure {
    fn url(&self) -> String {
        "az://recordings/desk".to_owned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables_with(SECRET)
    }

    /// It writes what there is onto the disk every few seconds, and at its end. Killed, it has lost acknowledged
    /// objects or its container.
    fn stop(&mut self) -> Result<()> {
        self.0.stop(Signal::TERM)
    }

    fn start_again(&mut self) -> Result<()> {
        self.0.start()
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

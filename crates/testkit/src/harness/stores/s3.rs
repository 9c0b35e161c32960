//! moto, as an S3 server.

use anyhow::Result;
use rustix::process::Signal;

use super::{ObjectServer, Server, owned};

/// An S3 server with a bucket that locks each object for a day.
pub struct S3(Server);

impl S3 {
    /// Starts one.
    ///
    /// # Errors
    /// When it is not installed, or does not do what S3 does.
    pub fn start() -> Result<Self> {
        let mut server = Server::new(".venv/bin/moto_server", |port, _| {
            ["-H", "127.0.0.1", "-p", &port.to_string()]
                .map(str::to_owned)
                .to_vec()
        })?;
        // It has everything in memory, and a log of what it was asked.
        let log = server.directory.path().join("log").display().to_string();
        server.environment = vec![
            ("MOTO_ENABLE_RECORDING", "true".to_owned()),
            ("MOTO_RECORDER_FILEPATH", log),
        ];
        server.start()?;
        let s3 = Self(server);
        s3.make_bucket()?;
        s3.demand_retention()?;
        Ok(s3)
    }

    fn make_bucket(&self) -> Result<()> {
        let lock = [("x-amz-bucket-object-lock-enabled", "true")];
        self.0.demand("PUT /recordings", &lock, "")?;
        Ok(())
    }

    /// From now on each object is locked for a day. Only a bucket with nothing in it takes that.
    fn demand_retention(&self) -> Result<()> {
        let xml = [("content-type", "application/xml")];
        let retention = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>\
            <DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule>\
            </ObjectLockConfiguration>";
        self.0
            .demand("PUT /recordings?object-lock", &xml, retention)?;
        Ok(())
    }

    /// Starts it again with an empty bucket: what it acknowledged before is lost. Whoever tries again may
    /// put something there at once, so that nothing is locked in it.
    ///
    /// # Errors
    /// As [`S3::start`].
    pub fn start_forgetful(&mut self) -> Result<()> {
        self.0.start()?;
        self.make_bucket()
    }

    /// Whether an object below the store's URL is locked, so that nobody may change or remove it.
    ///
    /// # Errors
    /// When there is no such object.
    pub fn is_locked(&self, object: &str) -> Result<bool> {
        let request = format!("GET /recordings/desk/one/{object}");
        // It wants to know who asks, and does not check it.
        let credential = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/s3/aws4_request, \
                          SignedHeaders=host, Signature=0";
        let answer = self
            .0
            .demand(&request, &[("authorization", credential)], "")?;
        Ok(answer.head.contains("x-amz-object-lock-mode: COMPLIANCE"))
    }
}

impl ObjectServer for S3 {
    fn url(&self) -> String {
        "s3://recordings/desk/one".to_owned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        owned([
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.0.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
            ("AWS_PROFILE", "of other programs".to_owned()),
        ])
    }

    fn stop(&mut self) -> Result<()> {
        self.0.stop(Signal::KILL)
    }

    fn start_again(&mut self) -> Result<()> {
        self.0.start()?;
        self.0
            .demand("POST /moto-api/recorder/replay-recording", &[], "")?;
        Ok(())
    }
}

//! A directory, as a store that needs no server.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use tempfile::TempDir;

use super::ObjectServer;

/// A directory that can be away.
pub struct Directory(TempDir);

impl Directory {
    /// Makes one.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn start() -> Result<Self> {
        let directory = Self(tempfile::tempdir()?);
        fs::create_dir(directory.at("store"))?;
        Ok(directory)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl ObjectServer for Directory {
    fn url(&self) -> String {
        format!("file://{}", self.at("store").display())
    }

    fn variables(&self) -> Vec<(String, String)> {
        Vec::new()
    }

    /// There is a plain file instead, which takes nothing.
    fn stop(&mut self) -> Result<()> {
        fs::rename(self.at("store"), self.at("aside"))?;
        Ok(fs::write(self.at("store"), "")?)
    }

    fn start_again(&mut self) -> Result<()> {
        fs::remove_file(self.at("store"))?;
        Ok(fs::rename(self.at("aside"), self.at("store"))?)
    }
}

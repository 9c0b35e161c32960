//! From a URL and the environment to a store.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, Checksum, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::Store;
use super::digest::Connector;

/// Why there is no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL is none of the kinds that are known.
    #[error(
        "an object store is s3://bucket/prefix, az://container/prefix, gs://bucket/prefix or \
         file:///directory"
    )]
    Url,
    /// The environment does not say how to reach it, or the directory is not there.
    #[error("the object store is not configured")]
    Configuration(#[source] object_store::Error),
}

impl Store {
    /// Opens the store of a URL: `s3://bucket/prefix`, `az://container/prefix`, `gs://bucket/prefix` or
    /// `file:///directory`. Endpoint, region and credentials come from the environment. Nothing is sent.
    ///
    /// # Errors
    /// When the URL is of no such kind, or the environment does not say enough.
    pub fn open(url: &str) -> Result<Self, OpenError> {
        // What is not UTF-8 can be no setting of ours.
        let variables = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self::open_with(url, variables)
    }

    /// [`Store::open`], with these variables for the environment.
    ///
    /// # Errors
    /// The same.
    pub fn open_with(
        url: &str,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, OpenError> {
        let parsed = Url::parse(url).map_err(|_| OpenError::Url)?;
        let (scheme, path) = ObjectStoreScheme::parse(&parsed).map_err(|_| OpenError::Url)?;
        let variables: Vec<_> = environment.into_iter().collect();
        let objects: Arc<dyn ObjectStore> = match scheme {
            ObjectStoreScheme::AmazonS3 => s3(url, &variables).map(|store| Arc::new(store) as _),
            ObjectStoreScheme::MicrosoftAzure => {
                azure(url, &variables).map(|store| Arc::new(store) as _)
            }
            ObjectStoreScheme::GoogleCloudStorage => {
                google(url, &variables).map(|store| Arc::new(store) as _)
            }
            ObjectStoreScheme::Local => return directory(&parsed),
            _ => return Err(OpenError::Url),
        }
        .map_err(OpenError::Configuration)?;
        let prefix = Path::parse(path).map_err(|_| OpenError::Url)?;
        Ok(Self { objects, prefix })
    }
}

/// Uploads are retried for as long as their session may wait: a request itself soon gives up, so that the
/// one after it has new credentials and says what is wrong.
fn retry() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: 1,
        retry_timeout: Duration::from_secs(20),
    }
}

/// The settings in variables of this prefix. Others of that prefix are for other programs.
fn settings<'a, K: std::str::FromStr>(
    variables: &'a [(String, String)],
    prefix: &'a str,
) -> impl Iterator<Item = (K, &'a String)> {
    variables
        .iter()
        .filter(move |(name, _)| name.starts_with(prefix))
        .filter_map(|(name, value)| Some((name.to_ascii_lowercase().parse().ok()?, value)))
}

fn s3(url: &str, variables: &[(String, String)]) -> object_store::Result<impl ObjectStore + use<>> {
    let mut builder = AmazonS3Builder::new()
        .with_url(url)
        .with_retry(retry())
        .with_http_connector(Connector::default())
        // Buckets with Object Lock take nothing without a checksum.
        .with_checksum_algorithm(Checksum::SHA256)
        .with_conditional_put(S3ConditionalPut::ETagMatch);
    for (key, value) in settings(variables, "AWS_") {
        builder = builder.with_config(key, value);
    }
    builder.build()
}

fn azure(
    url: &str,
    variables: &[(String, String)],
) -> object_store::Result<impl ObjectStore + use<>> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_url(url)
        .with_retry(retry());
    for (key, value) in settings(variables, "AZURE_") {
        builder = builder.with_config(key, value);
    }
    // Where a managed identity gets its token.
    if let Some((_, endpoint)) = variables
        .iter()
        .find(|(name, _)| name == "IDENTITY_ENDPOINT")
    {
        builder = builder.with_msi_endpoint(endpoint);
    }
    builder.build()
}

fn google(
    url: &str,
    variables: &[(String, String)],
) -> object_store::Result<impl ObjectStore + use<>> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_url(url)
        .with_retry(retry());
    for (key, value) in settings(variables, "GOOGLE_") {
        builder = builder.with_config(key, value);
    }
    builder.build()
}

/// A directory that is there: one that is made when its disk is not mounted would hide that.
fn directory(url: &Url) -> Result<Store, OpenError> {
    let directory = url.to_file_path().map_err(|()| OpenError::Url)?;
    let objects = LocalFileSystem::new_with_prefix(directory).map_err(OpenError::Configuration)?;
    Ok(Store {
        objects: Arc::new(objects.with_fsync(true)),
        prefix: Path::default(),
    })
}

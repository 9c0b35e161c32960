//! The digest header that S3 wants with objects that are locked.
//!
//! S3 takes an object with a retention period only with `Content-MD5` or `x-amz-sdk-checksum-algorithm`, by
//! its reference ([PutObject]), beside the SHA-256 that `object_store` sends and that is what counts. Of
//! the two only the former may be added to a request that is signed.
//!
//! [PutObject]: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html

use data_encoding::BASE64;
use md5::{Digest as _, Md5};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpRequest, HttpResponse, HttpService, ReqwestConnector,
};
use object_store::{ClientOptions, Extensions, HeaderValue};

/// The value of the header, on its way through the options of a put.
#[derive(Debug, Clone)]
struct ContentMd5(HeaderValue);

/// What goes with a put of these bytes.
pub(super) fn of(bytes: &[u8]) -> Extensions {
    let mut extensions = Extensions::new();
    if let Ok(value) = HeaderValue::try_from(BASE64.encode(&Md5::digest(bytes))) {
        extensions.insert(ContentMd5(value));
    }
    extensions
}

/// Connects as usual, and adds the header to requests that come with one.
#[derive(Debug, Default)]
pub(super) struct Connector(ReqwestConnector);

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        self.0.connect(options).map(Client).map(HttpClient::new)
    }
}

#[derive(Debug)]
struct Client(HttpClient);

#[async_trait::async_trait]
impl HttpService for Client {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(ContentMd5(value)) = request.extensions_mut().remove() {
            request.headers_mut().insert("content-md5", value);
        }
        self.0.execute(request).await
    }
}

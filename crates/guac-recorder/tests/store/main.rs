//! What is put into an object store is there, once and unaltered, whatever happens to the store meanwhile.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of a test fail loudly"
)]

use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use guac_recorder::store::{Backlog, OpenError, Piece, Source, Store, StoreError, Uploads};
use sha2::{Digest as _, Sha256};

use testkit::stores::{Azure, ObjectServer, S3};

const SESSION: &str = "3f1c6a52-9d0b-4a3e-8f57-0c2b9e6d7a11";

/// For what a test waits for on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

fn local() -> (tempfile::TempDir, Store) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("file://{}", directory.path().display());
    let store = Store::open_with(&url, []).unwrap();
    (directory, store)
}

fn store_of(server: &impl ObjectServer) -> Store {
    Store::open_with(&server.url(), server.variables()).unwrap()
}

fn name(number: usize) -> String {
    format!("{number:06}.segment")
}

/// Different bytes for each number, from none to some 300 kB.
fn content(number: usize) -> Bytes {
    let digest = Sha256::digest(number.to_le_bytes());
    digest.repeat((number * 1_237) % 10_000).into()
}

fn piece(number: usize) -> Piece {
    Piece {
        name: name(number),
        source: Source::Memory(content(number)),
    }
}

/// All pieces of these numbers are there and nothing else.
async fn assert_there(store: &Store, numbers: std::ops::RangeInclusive<usize>) {
    let listed = store.list(SESSION).await.unwrap();
    let names: Vec<_> = listed.iter().map(|object| object.name.clone()).collect();
    assert_eq!(names, numbers.clone().map(name).collect::<Vec<_>>());
    for (number, object) in numbers.zip(listed) {
        let got = store.get(SESSION, &object.name).await.unwrap();
        assert!(got == content(number), "{}", object.name);
        assert_eq!(object.bytes, got.len() as u64);
    }
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it takes too long")
}

/// What every store promises about one piece.
async fn puts_once(store: &Store) {
    let put =
        |bytes: &'static [u8]| store.put(SESSION, "000001.evidence", Bytes::from_static(bytes));
    put(b"first").await.unwrap();
    put(b"first").await.expect("an answer that was lost");
    let second = put(b"second").await;
    assert!(matches!(second, Err(StoreError::Different)), "{second:?}");
    let there = store.get(SESSION, "000001.evidence").await.unwrap();
    assert_eq!(there, "first");
    let missing = store.get(SESSION, "000002.evidence").await;
    assert!(
        matches!(missing, Err(StoreError::NotFound(_))),
        "{missing:?}"
    );
    assert_eq!(store.list("another").await.unwrap(), []);
}

/// Of many who write the same piece at once, one does.
async fn one_of_many_wins(store: &Store) {
    let mut writers = tokio::task::JoinSet::new();
    for number in 0..8_u8 {
        let store = store.clone();
        writers.spawn(async move {
            let bytes = vec![number; 50_000];
            store
                .put("race", "000001.segment", bytes.into())
                .await
                .is_ok()
                .then_some(number)
        });
    }
    let won: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1, "{won:?}");
    let there = store.get("race", "000001.segment").await.unwrap();
    assert!(there == vec![won[0]; 50_000]);
}

/// A store that ends while a session is uploaded, and comes back.
async fn survives_a_stop(mut server: impl ObjectServer) {
    let store = store_of(&server);
    let uploads = Uploads::start(store.clone(), SESSION);
    for number in 1..=12 {
        uploads.submit(piece(number));
    }
    soon(uploads.until(|backlog| backlog.pieces < 10)).await;
    server.stop().unwrap();
    for number in 13..=20 {
        uploads.submit(piece(number));
    }
    let backlog = soon(uploads.until(|backlog| backlog.trouble.is_some())).await;
    assert!((8..20).contains(&backlog.pieces), "{backlog:?}");
    let missing = (21 - backlog.pieces..=20).map(|number| content(number).len() as u64);
    assert_eq!(backlog.bytes, missing.sum::<u64>());
    let trouble = backlog.trouble.unwrap();
    assert!(
        matches!(*trouble, StoreError::Unavailable(_)),
        "{trouble:?}"
    );
    server.start_again().unwrap();
    let left = uploads.drain(PATIENCE).await;
    assert_eq!((left.bytes, left.pieces), (0, 0), "{left:?}");
    assert_eq!(left.oldest, None);
    assert_there(&store, 1..=20).await;
}

#[tokio::test]
async fn a_directory_takes_each_piece_once() {
    let (directory, store) = local();
    puts_once(&store).await;
    one_of_many_wins(&store).await;
    let file = directory.path().join(SESSION).join("000001.evidence");
    assert_eq!(fs::read(file).unwrap(), b"first");
}

#[tokio::test]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn s3_takes_each_piece_once() {
    let s3 = S3::start().unwrap();
    puts_once(&store_of(&s3)).await;
}

#[tokio::test]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn azure_takes_each_piece_once() {
    let azure = Azure::start().unwrap();
    let store = store_of(&azure);
    puts_once(&store).await;
    one_of_many_wins(&store).await;
}

#[tokio::test]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn a_session_is_whole_after_s3_was_killed_in_its_middle() {
    survives_a_stop(S3::start().unwrap()).await;
}

// Uploads go on while the server is asked to end, which it does only when each request has its answer.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn a_session_is_whole_after_azure_was_stopped_in_its_middle() {
    survives_a_stop(Azure::start().unwrap()).await;
}

#[tokio::test]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn wrong_credentials_are_told_as_such() {
    let azure = Azure::start().unwrap();
    let store = Store::open_with(&azure.url(), azure.wrong_variables()).unwrap();
    let put = store.put(SESSION, &name(1), content(1)).await;
    assert!(matches!(put, Err(StoreError::Denied(_))), "{put:?}");
    let uploads = Uploads::start(store, SESSION);
    uploads.submit(piece(1));
    let backlog = soon(uploads.until(|backlog| backlog.trouble.is_some())).await;
    let said = backlog.trouble.unwrap().to_string();
    assert_eq!(
        said,
        "the object store refused the credentials, or they do not allow this"
    );
}

#[tokio::test]
#[ignore = "needs the servers of tests/stores: see its README"]
async fn a_bucket_that_is_not_there_is_told_as_such() {
    let (directory, store) = local();
    drop(directory);
    let listed = store.list(SESSION).await.unwrap();
    assert_eq!(listed, []);
    let s3 = S3::start().unwrap();
    let missing = store_of(&s3).get(SESSION, &name(1)).await;
    assert!(
        matches!(missing, Err(StoreError::NotFound(_))),
        "{missing:?}"
    );
}

#[tokio::test]
async fn pieces_are_read_back_from_the_spool_when_it_is_their_turn() {
    let (directory, store) = local();
    let spool = directory.path().join("spool");
    let mut options = fs::File::options();
    let mut file = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&spool)
        .unwrap();
    let read_back = Arc::new(file.try_clone().unwrap());
    // Somebody puts another file in its place.
    fs::rename(&spool, directory.path().join("aside")).unwrap();
    fs::write(&spool, "something else, and as long").unwrap();
    let ranged = |number: usize, range| Piece {
        name: name(number),
        source: Source::File {
            file: Arc::clone(&read_back),
            range,
        },
    };
    file.write_all(b"one,two,th").unwrap();
    let uploads = Uploads::start(store.clone(), SESSION);
    uploads.submit(ranged(1, 0..4));
    uploads.submit(ranged(2, 4..8));
    uploads.submit(ranged(3, 8..14));
    // What is not in the spool yet is not uploaded in part.
    let backlog = soon(uploads.until(|backlog| backlog.trouble.is_some())).await;
    assert!(matches!(*backlog.trouble.unwrap(), StoreError::Spool(_)));
    assert_eq!((backlog.pieces, backlog.bytes), (1, 6));
    file.write_all(b"ree,").unwrap();
    assert_eq!(uploads.drain(PATIENCE).await.pieces, 0);
    for (number, expected) in [(1, "one,"), (2, "two,"), (3, "three,")] {
        assert_eq!(store.get(SESSION, &name(number)).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_end_waits_no_longer_than_it_may_and_says_what_is_not_there() {
    let (_directory, store) = local();
    let uploads = Uploads::start(store, SESSION);
    uploads.submit(Piece {
        name: name(1),
        source: Source::File {
            file: Arc::new(fs::File::open("/dev/null").unwrap()),
            range: 5..47,
        },
    });
    uploads.submit(piece(3));
    let Backlog {
        bytes,
        pieces,
        oldest,
        trouble,
    } = soon(uploads.drain(Duration::from_millis(50))).await;
    assert_eq!((bytes, pieces), (42 + content(3).len() as u64, 2));
    assert!(Duration::from_millis(50) <= oldest.unwrap());
    assert!(trouble.is_some());
}

#[tokio::test]
async fn names_cannot_lead_elsewhere() {
    let (_directory, store) = local();
    for bad in [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "../a",
        "a\\b",
        "a b",
        "ä",
        "a\0",
        &"x".repeat(129),
    ] {
        let put = store.put(bad, "000001.segment", Bytes::new()).await;
        assert!(matches!(put, Err(StoreError::Name)), "{bad:?}");
        let put = store.put(SESSION, bad, Bytes::new()).await;
        assert!(matches!(put, Err(StoreError::Name)), "{bad:?}");
        assert!(
            matches!(store.list(bad).await, Err(StoreError::Name)),
            "{bad:?}"
        );
    }
    assert_eq!(store.list(SESSION).await.unwrap(), []);
}

#[test]
fn a_store_is_a_url_of_a_known_kind_with_what_it_needs() {
    for bad in [
        "",
        "recordings",
        "/var/lib",
        "ftp://host/x",
        "http://host/x",
        "memory:///",
        "s3:",
    ] {
        let opened = Store::open_with(bad, []);
        assert!(matches!(opened, Err(OpenError::Url)), "{bad}: {opened:?}");
    }
    for unset in ["az://container/prefix", "file:///no/such/directory"] {
        let opened = Store::open_with(unset, []);
        assert!(
            matches!(opened, Err(OpenError::Configuration(_))),
            "{unset}: {opened:?}"
        );
    }
    assert!(Store::open_with("gs://bucket/prefix", []).is_ok());
}

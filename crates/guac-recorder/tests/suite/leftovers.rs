//! What is found of recordings that an earlier process left.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::symlink;
use std::path::Path;

use guac_policy::Tap as _;
use guac_recorder::evidence::{Begin, State};
use guac_recorder::leftovers::{Leftover, Places, Searched};
use guac_recorder::{ClosedSegment, EvidencePlace, Metadata, Recording, RecordingOptions};

use crate::proven::{at, frame, metadata};

const STORE: &str = "s3://recordings";

/// Recordings `a/r` and `b/deep/r`, of different sessions, and where their evidence is.
struct Place {
    folder: tempfile::TempDir,
    evidence: EvidencePlace,
}

impl Place {
    fn new(beside: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let evidence = if beside {
            EvidencePlace::Beside
        } else {
            EvidencePlace::Directory(folder.path().join("evidence"))
        };
        Self { folder, evidence }
    }

    fn recordings(&self) -> std::path::PathBuf {
        self.folder.path().join("recordings")
    }

    /// Writes three segments, the last of which stays open, and says what the first two are.
    fn write(&self, directory: &str, session: &str) -> (Recording, Vec<ClosedSegment>) {
        let options = RecordingOptions {
            create_directory: true,
            store: Some(STORE.into()),
            ..RecordingOptions::new(self.recordings().join(directory), "r")
        };
        let mut recording = Recording::create(&options, at(0)).unwrap();
        let metadata = Metadata {
            session: session.into(),
            ..metadata()
        };
        recording.prove(&self.evidence, &metadata).unwrap();
        recording.describe(&metadata).unwrap();
        for segment in 0..3_u64 {
            recording.tick(at(segment * 6_000)).unwrap();
            let time = (segment * 6_000) as i64;
            recording.accept(&frame(time, 9_000)).unwrap();
        }
        let closed = recording.take_closed().collect();
        (recording, closed)
    }

    fn found(&self) -> Vec<Leftover> {
        self.found_where(&|begin| begin.store.as_deref() == Some(STORE))
    }

    fn found_where(&self, wanted: &dyn Fn(&Begin) -> bool) -> Vec<Leftover> {
        let mut found = Vec::new();
        let places = Places {
            recordings: vec![self.recordings()],
            evidence: self.evidence.clone(),
        };
        let searched = places.search(wanted, &mut |leftover| {
            found.push(leftover);
            ControlFlow::Continue(())
        });
        assert_eq!(searched.unwrap(), Searched::All { unread: 0 });
        found.sort_by_key(|leftover| leftover.begin().session.clone());
        found
    }
}

#[test]
fn what_was_left_is_found_and_is_what_was_closed() {
    for beside in [true, false] {
        let place = Place::new(beside);
        let (first, first_closed) = place.write("a", "$1");
        let (second, second_closed) = place.write("b/deep", "$2");
        drop((first, second));
        let found = place.found();
        assert_eq!(found.len(), 2, "beside: {beside}");
        for (left, closed) in found.into_iter().zip([first_closed, second_closed]) {
            assert_eq!(left.lines().unwrap(), 3);
            let report = left.check().unwrap();
            assert_eq!(report.state, State::EndedUnexpectedly);
            assert_ne!(report.uncovered, 0);
            assert_eq!(left.closed(report.intact.lines).unwrap(), closed);
        }
        assert!(place.found_where(&|begin| begin.store.is_none()).is_empty());
    }
}

#[test]
fn a_recording_that_is_being_written_is_passed_over() {
    for beside in [true, false] {
        let place = Place::new(beside);
        let (alive, _) = place.write("a", "$1");
        let (left, _) = place.write("b", "$2");
        drop(left);
        let found = place.found();
        let sessions: Vec<_> = found.iter().map(|left| &*left.begin().session).collect();
        assert_eq!(sessions, ["$2"]);
        // What is copied after the end is still somebody's.
        let (copied, _) = alive.files().unwrap();
        drop((found, alive));
        assert_eq!(place.found().len(), 1);
        drop(copied);
        assert_eq!(place.found().len(), 2);
    }
}

#[test]
fn a_recording_that_was_found_cannot_be_replaced_meanwhile() {
    let place = Place::new(true);
    drop(place.write("a", "$1"));
    let found = place.found();
    let options = RecordingOptions {
        write_existing: true,
        ..RecordingOptions::new(place.recordings().join("a"), "r")
    };
    assert!(Recording::create(&options, at(0)).is_err());
    drop(found);
    assert!(Recording::create(&options, at(0)).is_ok());
}

#[test]
fn no_link_leads_to_a_recording() {
    let place = Place::new(true);
    drop(place.write("a", "$1"));
    let (inside, outside) = (place.recordings(), place.folder.path().join("outside"));
    fs::rename(inside.join("a"), &outside).unwrap();
    symlink(&outside, inside.join("a")).unwrap();
    let link = |from: &Path, name: &str| symlink(outside.join(name), from.join(name)).unwrap();
    link(&inside, "r");
    link(&inside, "r.evidence.jsonl");
    assert!(place.found().is_empty());
}

#[test]
fn what_was_altered_is_closed_up_to_there_only() {
    let place = Place::new(true);
    let (left, closed) = place.write("a", "$1");
    let path = left.path().to_owned();
    drop(left);
    let mut bytes = fs::read(&path).unwrap();
    let last = closed.last().unwrap().recording.clone();
    bytes[last.start as usize] ^= 1;
    fs::write(&path, bytes).unwrap();
    let found = place.found().pop().unwrap();
    let report = found.check().unwrap();
    assert!(matches!(report.state, State::Broken(_)), "{report:?}");
    let good = found.closed(report.intact.lines).unwrap();
    assert_eq!(good, closed[..closed.len() - 1]);
}

#[test]
fn a_line_that_was_cut_is_no_line() {
    let place = Place::new(true);
    let (left, closed) = place.write("a", "$1");
    drop(left);
    let path = place.recordings().join("a/r.evidence.jsonl");
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_len(length - 1).unwrap();
    let found = place.found().pop().unwrap();
    assert_eq!(found.lines().unwrap(), 2);
    assert_eq!(found.closed(9).unwrap(), closed[..2]);
}

#[test]
fn another_recording_of_the_same_name_is_another() {
    let place = Place::new(false);
    drop(place.write("a", "$1"));
    fs::create_dir(place.recordings().join("b")).unwrap();
    fs::write(place.recordings().join("b/r"), "4.sync,1.1,1.1;").unwrap();
    assert_eq!(place.found().len(), 1);
}

//! A recording stays below the directory that is allowed, whatever stands on the way.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use guac_recorder::{CreateError, Recording, RecordingOptions};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use tempfile::TempDir;

use crate::moment;

/// An allowed directory, and one beside it.
fn create(options: &RecordingOptions) -> Result<Recording, CreateError> {
    Recording::create(options, moment(0))
}

struct Place {
    _folder: TempDir,
    root: PathBuf,
    outside: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [root, outside] = ["root", "outside"].map(|name| folder.path().join(name));
        fs::create_dir(&root).unwrap();
        fs::create_dir(&outside).unwrap();
        Self {
            _folder: folder,
            root,
            outside,
        }
    }

    fn options(&self, directory: &Path) -> RecordingOptions {
        RecordingOptions {
            root: Some(self.root.clone()),
            create_directory: true,
            ..RecordingOptions::new(directory, "r")
        }
    }

    fn is_untouched_outside(&self) -> bool {
        fs::read_dir(&self.outside).unwrap().next().is_none()
    }
}

#[test]
fn directories_below_the_root_are_made_and_used() {
    let place = Place::new();
    for (way, file) in [("", "r"), ("a/b/c", "a/b/c/r"), ("a/b", "a/b/r")] {
        let recording = create(&place.options(&place.root.join(way))).unwrap();
        assert_eq!(recording.path(), place.root.join(file));
        assert!(recording.path().is_file());
    }
    let mode = fs::metadata(place.root.join("a")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o027, 0);
    // What is not there is not made unless that was asked for.
    let unasked = RecordingOptions {
        create_directory: false,
        ..place.options(&place.root.join("missing"))
    };
    let os_error = rustix::io::Errno::NOENT.raw_os_error();
    assert_eq!(
        create(&unasked).unwrap_err(),
        CreateError::Directory { os_error }
    );
}

#[test]
fn a_root_that_is_a_link_is_the_operators() {
    let place = Place::new();
    let link = place.root.with_file_name("link");
    symlink(&place.root, &link).unwrap();
    let options = RecordingOptions {
        root: Some(link.clone()),
        ..place.options(&link.join("a"))
    };
    create(&options).unwrap();
    assert!(place.root.join("a/r").is_file());
}

#[test]
fn links_below_the_root_lead_nowhere() {
    let place = Place::new();
    symlink(&place.outside, place.root.join("out")).unwrap();
    symlink("../outside", place.root.join("relative")).unwrap();
    fs::create_dir(place.root.join("inside")).unwrap();
    // Not even to where a recording might be: what a link means can change.
    symlink("inside", place.root.join("in")).unwrap();
    for way in ["out", "out/a/b", "relative", "relative/a", "in", "in/a"] {
        let error = create(&place.options(&place.root.join(way))).unwrap_err();
        assert!(matches!(error, CreateError::Directory { .. }), "{way}");
    }
    assert!(place.is_untouched_outside());
    let inside = fs::read_dir(place.root.join("inside")).unwrap();
    assert_eq!(inside.count(), 0);
}

#[test]
fn paths_that_lead_out_are_refused() {
    let place = Place::new();
    for directory in [
        place.outside.clone(),
        place.root.join("../outside"),
        place.root.join("a/../../outside"),
        PathBuf::from("/"),
        PathBuf::from("root"),
    ] {
        let error = create(&place.options(&directory)).unwrap_err();
        assert_eq!(error, CreateError::Outside, "{}", directory.display());
    }
    assert!(place.is_untouched_outside());
}

#[test]
fn a_file_with_another_name_is_not_replaced() {
    let place = Place::new();
    let precious = place.outside.join("precious");
    fs::write(&precious, "precious").unwrap();
    fs::hard_link(&precious, place.root.join("r")).unwrap();
    let options = RecordingOptions {
        write_existing: true,
        ..place.options(&place.root)
    };
    assert!(matches!(
        create(&options).unwrap_err(),
        CreateError::File { .. }
    ));
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
}

/// Makes recordings while `root/a` is, in turn, a directory and a link out, until `is_enough` of those
/// that were made and that were refused. Whether anything came to lie outside.
fn raced(place: &Place, root: Option<PathBuf>, is_enough: impl Fn(u32, u32) -> bool) -> bool {
    let [way, other] = ["a", "b"].map(|name| place.root.join(name));
    fs::create_dir(&way).unwrap();
    symlink(&place.outside, &other).unwrap();
    let (ends, mut made, mut refused) = (AtomicBool::new(false), 0, 0);
    let deadline = Instant::now() + Duration::from_secs(60);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !ends.load(Ordering::Relaxed) {
                renameat_with(CWD, &way, CWD, &other, RenameFlags::EXCHANGE).unwrap();
            }
        });
        while !is_enough(made, refused) && place.is_untouched_outside() {
            let options = RecordingOptions {
                root: root.clone(),
                ..place.options(&way.join(format!("day-{made}")))
            };
            match create(&options) {
                Ok(_) => made += 1,
                Err(CreateError::Directory { .. }) => refused += 1,
                Err(other) => panic!("{other}"),
            }
            assert!(Instant::now() < deadline, "{made} made, {refused} refused");
        }
        ends.store(true, Ordering::Relaxed);
    });
    !place.is_untouched_outside()
}

#[test]
fn a_link_that_takes_a_directorys_place_in_time_wins_nothing() {
    let place = Place::new();
    let enough = |made, refused| 500 <= made && 500 <= refused;
    assert!(!raced(&place, Some(place.root.clone()), enough));
    // The same without a root, where paths are taken as given: it would have been seen.
    let place = Place::new();
    assert!(raced(&place, None, |_, _| false));
}

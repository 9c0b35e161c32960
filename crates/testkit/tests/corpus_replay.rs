//! Replays the committed fuzz corpora through their oracles, on stable.

use std::path::Path;

use testkit::oracles;

#[test]
fn every_oracle_holds_for_its_corpus() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    for (name, oracle) in oracles::ALL {
        let inputs: Vec<_> = std::fs::read_dir(corpora.join(name))
            .unwrap_or_else(|error| panic!("the corpus of {name}: {error}"))
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(!inputs.is_empty(), "the corpus of {name} is empty");
        for input in inputs {
            let bytes = std::fs::read(&input).unwrap();
            // A panic below says what broke; this line says which input did it.
            println!("{name}: {}", input.display());
            oracle(&bytes);
        }
    }
}

#[test]
fn every_target_has_an_oracle_and_every_oracle_a_target() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let mut files: Vec<_> = std::fs::read_dir(targets)
        .unwrap()
        .map(|entry| {
            entry
                .unwrap()
                .path()
                .file_stem()
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let mut named: Vec<_> = oracles::ALL
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .collect();
    files.sort();
    named.sort();
    assert_eq!(files, named);
}

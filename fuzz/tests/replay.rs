//! Replays the corpus: every seed as it is, cut at every byte, and changed in some hundred ways that are the same in
//! every run. What `make fuzz` finds is fixed, and stays here as a seed.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use openpam_fuzz::{TARGETS, Target};

/// Changes of each seed.
const MUTATIONS: u64 = 200;
/// A target gets this long; the mutations that are left then are left out. Slow machines run the seeds all the same.
const PATIENCE: Duration = Duration::from_secs(1);
/// So many prefixes of a long seed, evenly.
const PREFIXES: usize = 512;
/// Seeds are small: they are read by people, and git keeps them for ever.
const MAX_SEED_BYTES: u64 = 16 * 1024;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("text"))
        .collect::<Vec<_>>();
    names.sort();
    names
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = folder().join(target);
    let seeds = names(&folder).into_iter().map(|name| std::fs::read(folder.join(name)).expect("a seed"));
    seeds.collect()
}

/// A generator of numbers that needs no quality (`SplitMix64`).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Changes a seed: bits, bytes that are limits of numbers, pieces gone or twice, another seed's end.
fn mutate(seed: &[u8], others: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    const LIMITS: [u8; 8] = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x1b, 0x9f];
    let mut changed = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(changed.len());
        let to = changed.len().min(at + 1 + numbers.below(16));
        match numbers.below(6) {
            0 | 1 => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte ^= 1 << numbers.below(8);
                }
            }
            2 => {
                if let Some(byte) = changed.get_mut(at) {
                    *byte = LIMITS[numbers.below(LIMITS.len())];
                }
            }
            3 => drop(changed.drain(at..to)),
            4 => {
                let twice = changed.get(at..to).unwrap_or_default().repeat(1 + numbers.below(8));
                changed.splice(at..at, twice);
            }
            _ => {
                let other = &others[numbers.below(others.len())];
                changed.truncate(at);
                changed.extend_from_slice(other.get(numbers.below(other.len())..).unwrap_or_default());
            }
        }
    }
    changed
}

fn replay((name, feed): Target) -> usize {
    let (seeds, begun, mut fed) = (seeds(name), Instant::now(), 0);
    assert!(!seeds.is_empty(), "{name} has no seed");
    feed(&[]);
    for seed in &seeds {
        feed(seed);
        fed += 1;
    }
    for (number, seed) in seeds.iter().enumerate() {
        for cut in (0..seed.len()).step_by(seed.len() / PREFIXES + 1) {
            feed(&seed[..cut]);
            fed += 1;
        }
        let mut numbers = Numbers(number as u64);
        for _ in 0..MUTATIONS {
            if begun.elapsed() > PATIENCE {
                break;
            }
            feed(&mutate(seed, &seeds, &mut numbers));
            fed += 1;
        }
    }
    fed
}

macro_rules! replays {
    ($($name:ident)+) => {
        $(#[test]
        fn $name() {
            let target = TARGETS.iter().find(|(name, _)| *name == stringify!($name)).expect("a target");
            let begun = Instant::now();
            let fed = replay(*target);
            println!("{fed} inputs in {} ms", begun.elapsed().as_millis());
        })+

        const REPLAYED: &[&str] = &[$(stringify!($name)),+];
    };
}

replays! {
    browser cast certificate config frame guacamole http input_stream lane local message policy recording request ring screen seal spool
    token
}

#[test]
fn every_target_has_seeds_a_program_and_a_replay() {
    let targets = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&folder()), targets, "folders in corpus/");
    assert_eq!(REPLAYED, targets, "replays in this file");
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("libfuzzer/fuzz_targets");
    let sources = targets.iter().map(|name| format!("{name}.rs")).collect::<Vec<_>>();
    assert_eq!(names(&programs), sources, "programs in libfuzzer/");
    let manifest = std::fs::read_to_string(programs.with_file_name("Cargo.toml")).expect("a manifest");
    for target in &targets {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target} is not built");
        for seed in names(&folder().join(target)) {
            let bytes = std::fs::metadata(folder().join(target).join(&seed)).expect("a seed").len();
            assert!(bytes <= MAX_SEED_BYTES, "{target}/{seed} has {bytes} bytes");
        }
    }
}

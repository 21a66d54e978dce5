//! Inputs that nobody thought of: files of a corpus, changed at random, given to what reads strangers' bytes.
//!
//! Works with the stable compiler, so that everybody can run it. Without knowledge of the branches that an input takes,
//! what was learned is told by the judge itself: an input with an outcome of a new kind joins the pool that others are
//! made from. Failures are written to the folder of temporary files; what they taught goes into the corpus.
//!
//! ```text
//! cargo nextest run -E 'test(fuzz)'                        the corpus, and a second of inputs, the same in every run
//! make fuzz SECONDS=60                                     a minute for each target, other inputs in every run
//! KERMESSE_FUZZ_SEED=7 make fuzz SECONDS=60                the inputs of one run again
//! ```

use std::{
    collections::HashSet,
    env, fs,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
    panic::{self, AssertUnwindSafe},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What one input may take of the processor, in a build without optimisation.
const PATIENCE: Duration = Duration::from_secs(5);
/// What all inputs of a target may add to the memory of the process, in kilobytes.
const MOST_MEMORY: u64 = 512 * 1024;
/// An input does not grow beyond this by changes.
const MOST_BYTES: usize = 64 * 1024;
/// Inputs that others are made from.
const MOST_POOL: usize = 2_000;

/// Judges the corpus `name`, then inputs made from it. `words` are put in here and there. The judge asserts what must
/// hold, and tells of which kind the outcome was.
///
/// # Panics
/// Where an input breaks a promise, takes too long, or takes too much memory: the message says where the input is kept.
pub fn run<K: Hash>(name: &str, words: &[&str], judge: impl Fn(&[u8]) -> K) {
    let mut pool = corpus(name);
    let (mut kinds, before) = (HashSet::new(), peak_of_memory());
    for input in &pool {
        kinds.insert(judged(name, input, &judge));
    }
    let (time, seed) = plan();
    let (begun, mut random, mut tries) = (Instant::now(), Random(seed), 0_u64);
    while begun.elapsed() < time {
        let input = changed(&mut random, &pool, words);
        if kinds.insert(judged(name, &input, &judge)) && pool.len() < MOST_POOL {
            pool.push(input);
        }
        tries += 1;
    }
    println!("{name}: {tries} inputs, {} kinds of outcome, seed {seed}", kinds.len());
    let grown = peak_of_memory().saturating_sub(before);
    assert!(grown < MOST_MEMORY, "{name}: {grown} kB of memory, seed {seed}");
}

/// The files of a corpus, `tests/corpus/NAME/*`, by name.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus").join(name);
    let mut files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a corpus")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "the corpus {} is empty", folder.display());
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

/// How long, and from which seed.
#[expect(clippy::disallowed_methods, reason = "who runs the tests says how long")]
fn plan() -> (Duration, u64) {
    let number = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("KERMESSE_FUZZ_SECONDS");
    let other = || seconds.map_or(1, |_| RandomState::new().hash_one(0));
    let time = seconds.map_or(Duration::from_millis(700), Duration::from_secs);
    (time, number("KERMESSE_FUZZ_SEED").unwrap_or_else(other))
}

fn judged<K: Hash>(name: &str, input: &[u8], judge: &impl Fn(&[u8]) -> K) -> u64 {
    let before = worked();
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| judge(input)));
    let took = worked().saturating_sub(before);
    let why = match outcome {
        Ok(kind) if took <= PATIENCE => return hash(&kind),
        Ok(_) => format!("takes {took:?}"),
        Err(_) => "breaks a promise".to_owned(),
    };
    let kept = env::temp_dir().join(format!("kermesse-fuzz-{name}-{:016x}", hash(&input)));
    fs::write(&kept, input).expect("a file for the input");
    let shown = String::from_utf8_lossy(input.get(..input.len().min(400)).unwrap_or_default()).into_owned();
    panic!("{name}: an input {why}; it is kept in {}: {shown:?}", kept.display());
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// How long this thread has run; what else the machine does is not counted. Zero where the system does not say.
fn worked() -> Duration {
    let schedule = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = schedule.split_whitespace().next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0))
}

/// The most memory that this process has had, in kilobytes. Zero where the system does not say.
fn peak_of_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// `SplitMix64`: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Less than `end`; 0 where that is 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    fn one_of<'a, T: ?Sized>(&mut self, many: &'a [impl AsRef<T>]) -> Option<&'a T> {
        many.get(self.below(many.len())).map(AsRef::as_ref)
    }

    /// A part of `bytes`, short as a rule.
    fn part(&mut self, bytes: &[u8]) -> (usize, usize) {
        let begin = self.below(bytes.len() + 1);
        let most = if self.below(8) == 0 { bytes.len() } else { 12 };
        let end = begin + self.below(most.min(bytes.len() - begin) + 1);
        (begin, end)
    }
}

/// Bytes and texts that mean something to somebody.
const TELLING: [&[u8]; 24] = [
    b"\0",
    b"\xff",
    b"\x7f",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\r\n",
    b"\n",
    b"\t",
    b" ",
    b"\"",
    b"'",
    b"<",
    b">",
    b"&",
    b"%",
    b"%00",
    b"\\",
    b"../",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"1e999",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
];

/// An input of the pool with one to six changes.
fn changed(random: &mut Random, pool: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut bytes = pool.get(random.below(pool.len())).cloned().unwrap_or_default();
    for _ in 0..=random.below(6) {
        let (begin, end) = random.part(&bytes);
        match random.below(9) {
            0 => {
                if let Some(byte) = bytes.get_mut(begin) {
                    *byte ^= 1 << random.below(8);
                }
            }
            1 => drop(bytes.drain(begin..end)),
            2 => {
                let part = bytes.get(begin..end).unwrap_or_default().to_vec();
                let times = 1 << random.below(7);
                bytes.splice(begin..begin, part.repeat(times));
            }
            3 => {
                let telling = random.one_of::<[u8]>(&TELLING).unwrap_or_default();
                bytes.splice(begin..end, telling.iter().copied());
            }
            4 | 5 => {
                let word = random.one_of::<str>(words).unwrap_or_default();
                bytes.splice(begin..end, word.bytes());
            }
            6 => {
                let other = pool.get(random.below(pool.len())).cloned().unwrap_or_default();
                let (from, until) = random.part(&other);
                bytes.splice(begin..end, other.get(from..until).unwrap_or_default().iter().copied());
            }
            7 => bytes.truncate(end),
            _ => {
                let byte = u8::try_from(random.below(256)).unwrap_or(0);
                bytes.insert(begin, byte);
            }
        }
        bytes.truncate(MOST_BYTES);
    }
    bytes
}

#[cfg(test)]
mod tests;

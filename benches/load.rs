//! The readers: connections that stay open and ask one request after the other, each waiting for its answer.
//!
//! Written by hand because a client library costs more than the answers that are measured: requests are bytes made
//! before, and of an answer only status and length are read.

use crate::Outcome;
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

const BUFFER: usize = 64 << 10;

/// A request, and the status that its answer must have.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    bytes: Vec<u8>,
    pub(crate) status: u16,
}

impl Asked {
    /// The same request where another status is right.
    pub(crate) fn expecting(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// A `GET`; `headers` are names and values.
pub(crate) fn get(path: &str, headers: &[(&str, &str)]) -> Asked {
    let lines: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    Asked {
        bytes: format!("GET {path} HTTP/1.1\r\nHost: localhost:8080\r\n{lines}\r\n").into_bytes(),
        status: 200,
    }
}

/// An operation of GraphQL.
pub(crate) fn graphql(query: &str, variables: &serde_json::Value) -> Asked {
    let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /api HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    Asked {
        bytes: (head + &body).into_bytes(),
        status: 200,
    }
}

/// What the readers saw.
#[derive(Debug, Clone, Default)]
pub(crate) struct Taken {
    pub(crate) answers: usize,
    pub(crate) bytes: usize,
    pub(crate) elapsed: Duration,
    /// Of each answer, sorted.
    latencies: Vec<Duration>,
}

impl Taken {
    /// Answers a second.
    pub(crate) fn rate(&self) -> f64 {
        count(self.answers) / self.elapsed.as_secs_f64()
    }

    /// The time within which so many of a hundred answers came.
    pub(crate) fn percentile(&self, percent: usize) -> Duration {
        let at = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).copied().unwrap_or_default()
    }

    /// Bytes of an answer, head and body.
    pub(crate) fn size(&self) -> usize {
        self.bytes.checked_div(self.answers).unwrap_or(0)
    }
}

/// A number for a calculation that need not be exact.
pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Asks `requests` in turn over so many connections for so long.
pub(crate) async fn run(
    address: SocketAddr,
    requests: &Arc<Vec<Asked>>,
    connections: usize,
    time: Duration,
) -> Outcome<Taken> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let mut readers = JoinSet::new();
    for _ in 0..connections {
        let mut reader = Reader::connect(address).await?;
        let (requests, next) = (requests.clone(), next.clone());
        readers.spawn(async move {
            let mut taken = Taken::default();
            while begun.elapsed() < time {
                let at = next.fetch_add(1, Ordering::Relaxed) % requests.len().max(1);
                let asked = requests.get(at).ok_or("nothing to ask")?;
                let sent = Instant::now();
                taken.bytes += reader.ask(asked).await?;
                taken.latencies.push(sent.elapsed());
            }
            Outcome::Ok(taken)
        });
    }
    let mut all = Taken::default();
    while let Some(taken) = readers.join_next().await {
        let taken = taken??;
        all.bytes += taken.bytes;
        all.latencies.extend(taken.latencies);
    }
    all.elapsed = begun.elapsed();
    all.answers = all.latencies.len();
    all.latencies.sort_unstable();
    Ok(all)
}

/// Asks once; answers the whole answer as text.
pub(crate) async fn once(address: SocketAddr, asked: &Asked) -> Outcome<String> {
    let mut reader = Reader::connect(address).await?;
    let length = reader.ask(asked).await?;
    Ok(String::from_utf8_lossy(reader.buffer.get(..length).unwrap_or_default()).into_owned())
}

struct Reader {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Reader {
    async fn connect(address: SocketAddr) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; BUFFER],
        })
    }

    /// Asks and reads the answer to its end; answers its length.
    async fn ask(&mut self, asked: &Asked) -> Outcome<usize> {
        self.stream.write_all(&asked.bytes).await?;
        let (mut filled, mut whole) = (0, None);
        while whole.is_none_or(|whole| filled < whole) {
            if filled == self.buffer.len() {
                self.buffer.resize(filled * 2, 0);
            }
            let read = self
                .stream
                .read(self.buffer.get_mut(filled..).unwrap_or_default())
                .await?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            if whole.is_none() {
                whole = self.whole(filled, asked.status)?;
            }
        }
        Ok(filled)
    }

    /// The length of the answer, once its head is there.
    fn whole(&self, filled: usize, status: u16) -> Outcome<Option<usize>> {
        let read = self.buffer.get(..filled).unwrap_or_default();
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let head = std::str::from_utf8(read.get(..end).unwrap_or_default())?;
        let found = head.get(9..12).and_then(|status| status.parse().ok());
        if found != Some(status) {
            return Err(format!("{status} was expected: {head}").into());
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>())
        });
        match length {
            Some(length) => Ok(Some(end + 4 + length?)),
            None if status == 304 => Ok(Some(end + 4)),
            None => Err(format!("an answer without a length: {head}").into()),
        }
    }
}

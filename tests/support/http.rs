//! A client that says exactly what it is told: tests of headers and limits need that.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Asks for `path`; `headers` are lines.
pub(crate) fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Answer {
    try_get(address, path, headers).expect("an answer")
}

/// [`get`] under another name than `localhost`.
pub(crate) fn get_of(address: SocketAddr, host: &str, path: &str) -> Answer {
    ask(address, host, path, &[]).expect("an answer")
}

/// [`get`] of a server that may be gone.
pub(crate) fn try_get(address: SocketAddr, path: &str, headers: &[&str]) -> std::io::Result<Answer> {
    ask(address, "localhost", path, headers)
}

fn ask(address: SocketAddr, host: &str, path: &str, headers: &[&str]) -> std::io::Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let lines: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n"
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok(Answer {
        status: status.ok_or(std::io::ErrorKind::UnexpectedEof)?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

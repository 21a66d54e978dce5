//! A stream that loses patience: with a request that is not said in ten seconds, and with a peer from whom and to whom
//! nothing moves for a minute.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

/// From the first byte of a request to the end of its headers.
const HEAD: Duration = Duration::from_secs(10);
/// Without a byte in either direction.
const IDLE: Duration = Duration::from_secs(60);

/// The stream; its timer is set when something happens and looked at when nothing does.
pub(super) struct Patience<S> {
    stream: S,
    business: Business,
    /// The head of a request began to come in then, after so many complete ones.
    head: Option<(Instant, u64)>,
    moved: Instant,
    timer: Pin<Box<Sleep>>,
}

/// What is known of the requests of a connection.
#[derive(Clone, Default)]
pub(super) struct Business(Arc<Requests>);

#[derive(Default)]
struct Requests {
    begun: AtomicU64,
    answering: AtomicBool,
}

impl Business {
    /// The head of a request is complete. Until the answer is dropped, what comes in is its body.
    pub(super) fn begin(&self) -> Busy {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.answering.store(true, Ordering::Relaxed);
        Busy(self.clone())
    }

    fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::Relaxed)
    }

    fn is_answering(&self) -> bool {
        self.0.answering.load(Ordering::Relaxed)
    }
}

/// A request is being answered.
pub(super) struct Busy(Business);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.answering.store(false, Ordering::Relaxed);
    }
}

impl<S> Patience<S> {
    /// A stream that has just been opened: its first request is expected.
    pub(super) fn new(stream: S) -> (Self, Business) {
        let business = Business::default();
        let now = Instant::now();
        let patience = Self {
            stream,
            business: business.clone(),
            head: Some((now, 0)),
            moved: now,
            timer: Box::pin(sleep_until(now + HEAD)),
        };
        (patience, business)
    }

    /// Since when a head is incomplete.
    fn incomplete_head(&self) -> Option<Instant> {
        let (since, after) = self.head?;
        (after == self.business.begun()).then_some(since)
    }

    /// Bytes came in.
    fn received(&mut self) {
        self.moved = Instant::now();
        if !self.business.is_answering() && self.incomplete_head().is_none() {
            self.head = Some((self.moved, self.business.begun()));
            self.timer.as_mut().reset(self.moved + HEAD);
        }
    }

    /// Nothing comes or goes: an error once that lasts too long.
    fn wait(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        while self.timer.as_mut().poll(context).is_ready() {
            let idle = self.moved + IDLE;
            let until = self.incomplete_head().map_or(idle, |since| idle.min(since + HEAD));
            if until <= Instant::now() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.timer.as_mut().reset(until);
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patience<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(Ok(())) => {
                if buffer.filled().len() > before {
                    self.received();
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(error) => Poll::Ready(error),
            Poll::Pending => match self.wait(context) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl<S: AsyncWrite + Unpin> Patience<S> {
    fn sent<T>(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match sent {
            Poll::Ready(done) => {
                self.moved = Instant::now();
                Poll::Ready(done)
            }
            Poll::Pending => match self.wait(context) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patience<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    fn pair() -> (DuplexStream, Patience<DuplexStream>, Business) {
        let (peer, ours) = duplex(64);
        let (ours, business) = Patience::new(ours);
        (peer, ours, business)
    }

    async fn read(stream: &mut Patience<DuplexStream>) -> io::Result<usize> {
        stream.read(&mut [0; 16]).await
    }

    /// When it loses patience, in seconds from `begun`.
    async fn gives_up(stream: &mut Patience<DuplexStream>, begun: Instant) -> u64 {
        assert_eq!(read(stream).await.expect_err("an end").kind(), io::ErrorKind::TimedOut);
        begun.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_at_first_has_ten_seconds() {
        let begun = Instant::now();
        let (_peer, mut stream, _) = pair();
        assert_eq!(gives_up(&mut stream, begun).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_in_has_ten_seconds_in_all() {
        let begun = Instant::now();
        let (mut peer, mut stream, _) = pair();
        let trickle = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                if peer.write_all(b"x").await.is_err() {
                    return;
                }
            }
        });
        while read(&mut stream).await.is_ok() {}
        assert_eq!(begun.elapsed().as_secs(), 10);
        trickle.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn between_requests_there_is_a_minute() {
        let (mut peer, mut stream, business) = pair();
        for _ in 0..3 {
            peer.write_all(b"GET").await.expect("a request");
            read(&mut stream).await.expect("its bytes");
            drop(business.begin());
            tokio::time::sleep(Duration::from_secs(50)).await;
        }
        let begun = Instant::now();
        assert_eq!(gives_up(&mut stream, begun).await, 10, "50 of the 60 seconds are over");
    }

    #[tokio::test(start_paused = true)]
    async fn every_head_has_its_ten_seconds() {
        let (mut peer, mut stream, business) = pair();
        peer.write_all(b"GET").await.expect("a request");
        read(&mut stream).await.expect("its bytes");
        drop(business.begin());
        tokio::time::sleep(Duration::from_secs(30)).await;
        peer.write_all(b"GE").await.expect("a part of a request");
        read(&mut stream).await.expect("its bytes");
        let begun = Instant::now();
        assert_eq!(gives_up(&mut stream, begun).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_answer_is_not_cut_while_something_moves() {
        let (mut peer, mut stream, business) = pair();
        peer.write_all(b"GET").await.expect("a request");
        read(&mut stream).await.expect("its bytes");
        let _busy = business.begin();
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_secs(50)).await;
            stream.write_all(b"part").await.expect("a part of the answer");
        }
        let last = Instant::now();
        assert_eq!(gives_up(&mut stream, last).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_read_is_cut_off_after_a_minute() {
        let (_peer, mut stream, business) = pair();
        let _busy = business.begin();
        let begun = Instant::now();
        let stuck = stream.write_all(&[0; 1000]).await.expect_err("an end");
        assert_eq!((stuck.kind(), begun.elapsed().as_secs()), (io::ErrorKind::TimedOut, 60));
    }
}

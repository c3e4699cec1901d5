//! What a worker writes: its events line by line, and the end of its stderr. Both are read in turn, so that a worker
//! that is full of words never waits for the reader, nor fills the memory.

use std::io::{self, Read};
use std::process::{Child, ChildStderr, ChildStdout};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// No event is longer, in bytes.
const LONGEST_LINE: usize = 1 << 20;
/// So much of the end of its stderr is kept, in bytes.
const TAIL: usize = 2048;
/// Bytes read at once, and bytes that a pipe holds.
const CHUNK: usize = 1 << 13;
const PIPE: usize = 1 << 16;

/// The two streams of a worker.
pub(super) struct WorkerOutput {
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    /// What was read of stdout and is no whole line yet.
    begun: Vec<u8>,
    /// So much of that holds no line feed.
    searched: usize,
    tail: Vec<u8>,
    is_cut: bool,
}

/// A line of stdout.
pub(super) enum Line {
    /// Whole, without its line feed.
    Whole(Vec<u8>),
    /// Too long to be an event: its beginning.
    TooLong(Vec<u8>),
}

impl WorkerOutput {
    /// Returns the output of a worker that was started with pipes.
    pub fn of(child: &mut Child) -> Self {
        WorkerOutput {
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
            begun: Vec::new(),
            searched: 0,
            tail: Vec::new(),
            is_cut: false,
        }
    }

    /// Returns the next line of stdout; none at its end. A last line without a line feed is left out: the worker was
    /// killed while it wrote it, and how it ended says more.
    ///
    /// # Errors
    /// Fails if stdout cannot be read.
    pub fn line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let fresh = self.begun.iter().skip(self.searched).position(|&byte| byte == b'\n');
            if let Some(end) = fresh.map(|end| self.searched + end) {
                let rest = self.begun.split_off(end + 1);
                let mut line = std::mem::replace(&mut self.begun, rest);
                self.searched = 0;
                line.pop();
                return Ok(Some(Line::Whole(line)));
            }
            self.searched = self.begun.len();
            if self.searched >= LONGEST_LINE {
                return Ok(Some(Line::TooLong(std::mem::take(&mut self.begun))));
            }
            if self.stdout.is_none() {
                return Ok(None);
            }
            self.read(None)?;
        }
    }

    /// Takes what is there on stderr; nothing more is asked of stdout.
    pub fn hear_out(&mut self) {
        self.stdout = None;
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        // No more than a pipe holds: a worker may go on for ever.
        for _ in 0..PIPE / CHUNK {
            if self.stderr.is_none() || !self.read(Some(&at_once)).is_ok_and(|any| any) {
                break;
            }
        }
    }

    /// Returns the end of stderr, on lines of its own; it is empty if nothing was written.
    pub fn tail(&self) -> String {
        let text = String::from_utf8_lossy(&self.tail);
        // Where the beginning is cut off, so is the line it falls into.
        let whole = if self.is_cut { text.split_once('\n').map_or(&*text, |(_, rest)| rest) } else { &text };
        match whole.trim() {
            "" => String::new(),
            text => format!("; its last words:\n{text}"),
        }
    }

    /// Reads what the first stream that has something has; whether one had.
    fn read(&mut self, patience: Option<&Timespec>) -> io::Result<bool> {
        let mut waiting: Vec<PollFd> = Vec::with_capacity(2);
        waiting.extend(self.stderr.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
        waiting.extend(self.stdout.iter().map(|stream| PollFd::new(stream, PollFlags::IN)));
        match poll(&mut waiting, patience) {
            Err(Errno::INTR) => return Ok(true),
            polled => polled?,
        };
        let ready: Vec<bool> = waiting.iter().map(|stream| !stream.revents().is_empty()).collect();
        let (of_stderr, of_stdout) = match self.stderr {
            Some(_) => (ready.first() == Some(&true), ready.get(1) == Some(&true)),
            None => (false, ready.first() == Some(&true)),
        };
        let mut bytes = [0; CHUNK];
        if let Some(stderr) = self.stderr.as_mut().filter(|_| of_stderr) {
            match stderr.read(&mut bytes)? {
                0 => self.stderr = None,
                count => self.keep(bytes.get(..count).unwrap_or_default()),
            }
        }
        if let Some(stdout) = self.stdout.as_mut().filter(|_| of_stdout) {
            match stdout.read(&mut bytes)? {
                0 => self.stdout = None,
                count => self.begun.extend_from_slice(bytes.get(..count).unwrap_or_default()),
            }
        }
        Ok(of_stderr || of_stdout)
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.tail.extend_from_slice(bytes);
        let surplus = self.tail.len().saturating_sub(TAIL);
        if surplus > 0 {
            self.tail.drain(..surplus);
            self.is_cut = true;
        }
    }
}

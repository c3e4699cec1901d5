//! One worker process: started, spoken to, and understood however it ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

use super::environment;
use super::fault::{Fault, describe, memory_kills};
use super::interrupt::{Interrupt, Registered, end, lock};
use super::protocol::Request;
use crate::event::Event;
use crate::suite::Environment;

/// No event is longer, in bytes.
const LONGEST_LINE: u64 = 1 << 20;
/// So much of the end of a worker's stderr is kept, in bytes.
const TAIL: u64 = 2048;
/// A worker that has closed its output has so long to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A worker that runs. It is killed when this is dropped, and with the thread that started it, which
/// must be one that lives as long as the process.
pub(super) struct Process<'a> {
    child: Arc<Mutex<Child>>,
    registered: Registered<'a>,
    interrupt: &'a Interrupt,
    input: Option<ChildStdin>,
    output: Option<BufReader<ChildStdout>>,
    stderr: File,
    killed_for_memory: u64,
}

impl<'a> Process<'a> {
    /// Starts `program` as a worker and asks `request` of it.
    pub fn start(
        program: &Path,
        request: &Request,
        environment: &Environment,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Fault> {
        let failed = |source: io::Error| Fault::Start { program: program.to_owned(), source };
        let line = request.line().map_err(Fault::Request)?;
        let stderr =
            File::from(memfd_create("worker-stderr", MemfdFlags::CLOEXEC).map_err(|e| failed(e.into()))?);
        let killed_for_memory = memory_kills();
        let mut command = command(program, environment, stderr.try_clone().map_err(failed)?);
        let mut child = command.spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take().map(BufReader::new));
        let child = Arc::new(Mutex::new(child));
        let registered = interrupt.register(&child);
        let mut process = Process { child, registered, interrupt, input, output, stderr, killed_for_memory };
        process.tell(&line);
        Ok(process)
    }

    /// Asks something more of it.
    ///
    /// # Errors
    /// [`Fault::Request`].
    pub fn say(&mut self, request: &Request) -> Result<(), Fault> {
        self.tell(&request.line().map_err(Fault::Request)?);
        Ok(())
    }

    /// A worker that dies before it has read the line is judged by how it ends.
    fn tell(&mut self, line: &[u8]) {
        if let Some(input) = &mut self.input {
            let _ = input.write_all(line);
        }
    }

    /// From now on an interrupt asks it to stop, rather than killing it; nothing more can be said.
    pub fn leave_input_to_interrupt(&mut self) {
        if let Some(input) = self.input.take() {
            self.registered.listens(input);
        }
    }

    /// Nothing more will be said.
    pub fn close_input(&mut self) {
        self.input = None;
    }

    /// Of the process.
    pub fn id(&self) -> u32 {
        lock(&self.child).id()
    }

    /// The next event; none where there are no more.
    pub fn next(&mut self) -> Result<Option<Event>, Fault> {
        let Some(output) = &mut self.output else { return Ok(None) };
        let mut line = Vec::new();
        if let Err(error) = output.take(LONGEST_LINE).read_until(b'\n', &mut line) {
            return Err(self.misspoke(format!("its output cannot be read: {error}")));
        }
        // The last line of a worker that was killed may be torn; how it ended says more.
        if !line.ends_with(b"\n") && (line.len() as u64) < LONGEST_LINE {
            return Ok(None);
        }
        serde_json::from_slice(&line).map(Some).map_err(|error| {
            let shown: String = String::from_utf8_lossy(&line).trim_end().chars().take(200).collect();
            self.misspoke(format!("it wrote what is no event ({error}): {shown:?}"))
        })
    }

    /// Waits for the end of a worker that has nothing more to say.
    pub fn end(&mut self) -> Result<(), Fault> {
        self.input = None;
        let ended = self.reap();
        match ended {
            Ok(status) if status.success() => Ok(()),
            _ if self.interrupt.is_requested() => Err(Fault::Interrupted),
            Ok(status) => {
                let killed = status.signal() == Some(Signal::KILL.as_raw());
                let out_of_memory = killed && memory_kills() > self.killed_for_memory;
                let how = describe(status, out_of_memory);
                Err(Fault::Ended { how, out_of_memory, tail: self.tail() })
            }
            Err(how) => Err(Fault::Ended { how, out_of_memory: false, tail: self.tail() }),
        }
    }

    /// Ends it because it said what it must not.
    pub fn misspoke(&mut self, what: String) -> Fault {
        self.kill();
        self.unless_interrupted(Fault::Misspoke { what, tail: self.tail() })
    }

    /// Ends it because it gave up.
    pub fn reported(&mut self, error: String, out_of_memory: bool) -> Fault {
        self.kill();
        self.unless_interrupted(Fault::Reported { error, out_of_memory })
    }

    fn unless_interrupted(&self, fault: Fault) -> Fault {
        if self.interrupt.is_requested() { Fault::Interrupted } else { fault }
    }

    fn kill(&self) {
        let mut child = lock(&self.child);
        end(&mut child);
        let _ = child.wait();
    }

    fn reap(&self) -> Result<ExitStatus, String> {
        let patience = Instant::now() + PATIENCE;
        loop {
            match lock(&self.child).try_wait() {
                Ok(Some(status)) => return Ok(status),
                Ok(None) => {}
                Err(error) => return Err(format!("cannot be waited for: {error}")),
            }
            if Instant::now() > patience {
                self.kill();
                return Err(format!("closed its output but did not end within {PATIENCE:?}; it was killed"));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The end of what it wrote to stderr, on lines of its own; empty where it wrote nothing.
    fn tail(&self) -> String {
        let (mut stderr, mut bytes) = (&self.stderr, Vec::new());
        let length = stderr.seek(SeekFrom::End(0)).unwrap_or(0);
        let start = length.saturating_sub(TAIL);
        if stderr.seek(SeekFrom::Start(start)).and_then(|_| stderr.read_to_end(&mut bytes)).is_err() {
            return String::new();
        }
        let text = String::from_utf8_lossy(&bytes);
        // Where the beginning is cut off, so is the line it falls into.
        let whole = if start > 0 { text.split_once('\n').map_or(&*text, |(_, rest)| rest) } else { &text };
        match whole.trim() {
            "" => String::new(),
            text => format!("; its last words:\n{text}"),
        }
    }
}

impl Drop for Process<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(program: &Path, environment: &Environment, stderr: File) -> Command {
    let mut command = Command::new(program);
    command.arg0("tchbench").arg("worker").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr);
    environment::apply(&mut command, environment, std::env::vars_os());
    // A group of its own: the terminal's Ctrl-C reaches the parent alone.
    command.process_group(0);
    let parent = getpid();
    // SAFETY: between fork and exec only system calls are made; nothing allocates or locks.
    unsafe {
        command.pre_exec(move || die_with(parent));
    }
    command
}

/// Asks the kernel for SIGKILL when the parent dies, and looks whether it has died already.
fn die_with(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
}

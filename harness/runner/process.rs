//! One worker process: started, spoken to, and understood however it ends.

use std::io::{self, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

use super::environment;
use super::fault::{Fault, describe, memory_kills, tells_of_memory};
use super::interrupt::{Interrupt, RegisteredWorker, end, lock};
use super::output::{Line, WorkerOutput};
use super::protocol::Request;
use crate::event::Event;
use crate::recipe::Environment;

/// A worker that has closed its output has so long to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A worker that runs. It is killed when this is dropped, and with the thread that started it, which
/// must be one that lives as long as the process.
pub(super) struct WorkerProcess<'a> {
    child: Arc<Mutex<Child>>,
    registered: RegisteredWorker<'a>,
    interrupt: &'a Interrupt,
    input: Option<ChildStdin>,
    output: WorkerOutput,
    killed_for_memory: u64,
}

impl<'a> WorkerProcess<'a> {
    /// Starts `program` as a worker, and asks `request` of it.
    ///
    /// # Errors
    /// Fails if the program cannot be started, or if the request has no form that it reads.
    pub fn start(
        program: &Path,
        request: &Request,
        environment: &Environment,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Fault> {
        let line = request.line().map_err(Fault::Request)?;
        let killed_for_memory = memory_kills();
        let spawned = command(program, environment).spawn();
        let mut child = spawned.map_err(|source| Fault::start(program, source))?;
        let input = child.stdin.take();
        let output = WorkerOutput::of(&mut child);
        let child = Arc::new(Mutex::new(child));
        let registered = interrupt.register(&child);
        let mut process = WorkerProcess { child, registered, interrupt, input, output, killed_for_memory };
        process.tell(&line);
        Ok(process)
    }

    /// Asks something more of it.
    ///
    /// # Errors
    /// Fails with [`Fault::Request`] if the request has no form that the worker reads.
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

    /// Returns the process's identifier.
    pub fn id(&self) -> u32 {
        lock(&self.child).id()
    }

    /// Returns the next event. Returns `None` if there are no more.
    ///
    /// # Errors
    /// Fails if the worker says what it must not.
    pub fn next(&mut self) -> Result<Option<Event>, Fault> {
        let line = match self.output.line() {
            Ok(None) => return Ok(None),
            Ok(Some(Line::Whole(line) | Line::TooLong(line))) => line,
            Err(error) => return Err(self.reject(format!("its output cannot be read: {error}"))),
        };
        serde_json::from_slice(&line).map(Some).map_err(|error| {
            let shown: String = String::from_utf8_lossy(&line).trim_end().chars().take(200).collect();
            self.reject(format!("it wrote what is no event ({error}): {shown:?}"))
        })
    }

    /// Waits for the end of a worker that has nothing more to say.
    ///
    /// # Errors
    /// Fails if it does not end well.
    pub fn end(&mut self) -> Result<(), Fault> {
        self.input = None;
        let ended = self.reap();
        match ended {
            Ok(status) if status.success() => Ok(()),
            _ if self.interrupt.is_requested() => Err(Fault::Interrupted),
            Ok(status) => {
                let tail = self.output.tail();
                let out_of_memory = match status.signal() {
                    Some(libc::SIGKILL) => memory_kills() > self.killed_for_memory,
                    Some(libc::SIGABRT) => tells_of_memory(&tail),
                    _ => false,
                };
                Err(Fault::BadExit { how: describe(status, out_of_memory), out_of_memory, tail })
            }
            Err(how) => Err(Fault::BadExit { how, out_of_memory: false, tail: self.output.tail() }),
        }
    }

    /// Ends the worker because it said what it must not, and returns that as a fault.
    pub fn reject(&mut self, what: String) -> Fault {
        self.kill();
        self.output.hear_out();
        self.unless_interrupted(Fault::Protocol { what, tail: self.output.tail() })
    }

    /// Ends the worker because it gave up, and returns that as a fault.
    pub fn reported(&mut self, error: String, out_of_memory: bool) -> Fault {
        self.kill();
        self.unless_interrupted(Fault::Reported { error, out_of_memory })
    }

    /// Ends the worker because it cannot believe the trial's checkpoint, and returns that as a fault.
    pub fn refused(&mut self, error: String) -> Fault {
        self.kill();
        self.unless_interrupted(Fault::Refused { error })
    }

    fn unless_interrupted(&self, fault: Fault) -> Fault {
        if self.interrupt.is_requested() { Fault::Interrupted } else { fault }
    }

    fn kill(&self) {
        let mut child = lock(&self.child);
        end(&mut child);
        let _ = child.wait();
    }

    fn reap(&mut self) -> Result<ExitStatus, String> {
        let patience = Instant::now() + PATIENCE;
        loop {
            let ended = lock(&self.child).try_wait();
            self.output.hear_out();
            match ended {
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
}

impl Drop for WorkerProcess<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

fn command(program: &Path, environment: &Environment) -> Command {
    let mut command = Command::new(program);
    command.arg0("tchbench").arg("worker");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    environment::apply(&mut command, environment, std::env::vars_os());
    // A group of its own: the terminal's Ctrl-C reaches the parent alone.
    command.process_group(0);
    let parent = getpid();
    // SAFETY: between fork and exec only system calls are made; nothing allocates or locks.
    unsafe {
        command.pre_exec(move || {
            leave_signals_to_the_run();
            die_with(parent)
        });
    }
    command
}

/// Ignores what ends a run: a scheduler sends it to every process of a job, and the run asks its workers to stop.
fn leave_signals_to_the_run() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: ignoring a signal calls nothing.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
}

/// Asks the kernel for SIGKILL when the parent dies, and looks whether it has died already.
fn die_with(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
}

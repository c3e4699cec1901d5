//! One worker process: started, spoken to, and understood however it ends.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Pid, Signal, getpid, getppid, set_parent_process_death_signal};

use super::environment;
use super::fault::{Fault, describe, memory_kills};
use super::interrupt::{Interrupt, end, lock};
use super::protocol::Request;
use crate::data::Handle;
use crate::event::{Engine, Event, Started};
use crate::suite::{Environment, Trial};

/// No event is longer, in bytes.
const LONGEST_LINE: u64 = 1 << 20;
/// So much of the end of a worker's stderr is kept, in bytes.
const TAIL: u64 = 2048;
/// A worker that has closed its output has so long to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// Starts workers: a program, called with the one argument `worker`.
#[derive(Clone, Debug)]
pub struct Launcher {
    program: PathBuf,
}

impl Launcher {
    /// Of the program that is running, even where its file has been replaced since: all workers of
    /// a run are of one build.
    pub fn this_program() -> Self {
        Launcher::new("/proc/self/exe")
    }

    /// Of another program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Launcher { program: program.into() }
    }

    /// Starts a worker, asks `request` of it and hands each event to `hear`, until it ends.
    ///
    /// The worker dies with the thread that calls this, whatever kills that: it must be called from
    /// one that lives as long as the process.
    ///
    /// # Errors
    ///
    /// How the worker failed; so, too, with what `hear` has against an event.
    pub fn ask(
        &self,
        request: &Request,
        environment: &Environment,
        interrupt: &Interrupt,
        mut hear: impl FnMut(&Event) -> Result<(), String>,
    ) -> Result<(), Fault> {
        let failed = |source: io::Error| Fault::Start { program: self.program.clone(), source };
        let stderr =
            File::from(memfd_create("worker-stderr", MemfdFlags::CLOEXEC).map_err(|e| failed(e.into()))?);
        let killed_for_memory = memory_kills();
        let mut child =
            self.command(environment, stderr.try_clone().map_err(failed)?).spawn().map_err(failed)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let child = Arc::new(Mutex::new(child));
        let registered = interrupt.register(&child);

        if let Some(mut input) = input {
            // A worker that dies before it has read its request is judged by how it ended.
            let _ = request.write(&mut input);
            if request.can_stop() {
                registered.listens(input);
            }
        }
        let heard = output.map_or(Ok(()), |output| listen(output, &mut hear));
        if heard.is_err() {
            end(&mut lock(&child));
        }
        let ended = reap(&child);
        if interrupt.is_requested() && !matches!((&heard, &ended), (Ok(()), Ok(status)) if status.success()) {
            return Err(Fault::Interrupted);
        }
        let tail = tail(stderr);
        match (heard, ended) {
            (Err(Unheard::Reported { error, out_of_memory }), _) => {
                Err(Fault::Reported { error, out_of_memory })
            }
            (Err(Unheard::Misspoke(what)), _) => Err(Fault::Misspoke { what, tail }),
            (Ok(()), Err(how)) => Err(Fault::Ended { how, out_of_memory: false, tail }),
            (Ok(()), Ok(status)) if status.success() => Ok(()),
            (Ok(()), Ok(status)) => {
                let killed = status.signal() == Some(Signal::KILL.as_raw());
                let out_of_memory = killed && memory_kills() > killed_for_memory;
                Err(Fault::Ended { how: describe(status, out_of_memory), out_of_memory, tail })
            }
        }
    }

    /// What computes in `environment`.
    ///
    /// # Errors
    ///
    /// How the worker failed: `Reported` where the device cannot be used.
    pub fn describe(&self, environment: &Environment, interrupt: &Interrupt) -> Result<Engine, Fault> {
        let mut engine = None;
        let request = Request::Describe { environment: *environment };
        self.ask(&request, environment, interrupt, |event| {
            match event {
                Event::Described(described) => engine = Some(described.clone()),
                Event::Failed { .. } => {}
                _ => return Err("it answered what was not asked".to_owned()),
            }
            Ok(())
        })?;
        engine.ok_or(Fault::Silent)
    }

    /// One batch of `trial` forward and backward: what is known before the first step, and the loss.
    ///
    /// # Errors
    ///
    /// How the worker failed: `Reported` where the trial cannot be trained.
    pub fn check(
        &self,
        trial: &Trial,
        data: &Handle,
        interrupt: &Interrupt,
    ) -> Result<(Started, f64), Fault> {
        let (mut begun, mut checked) = (None, None);
        let request = Request::Check { trial: Box::new(trial.clone()), data: data.clone() };
        self.ask(&request, &trial.environment, interrupt, |event| {
            match event {
                Event::Started(started) => begun = Some(started.clone()),
                Event::Checked { loss } => checked = Some(*loss),
                Event::Failed { .. } => {}
                _ => return Err("it answered what was not asked".to_owned()),
            }
            Ok(())
        })?;
        begun.zip(checked).ok_or(Fault::Silent)
    }

    fn command(&self, environment: &Environment, stderr: File) -> Command {
        let mut command = Command::new(&self.program);
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
}

/// Asks the kernel for SIGKILL when the parent dies, and looks whether it has died already.
fn die_with(parent: Pid) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
}

enum Unheard {
    Reported { error: String, out_of_memory: bool },
    Misspoke(String),
}

fn listen(output: impl Read, hear: &mut impl FnMut(&Event) -> Result<(), String>) -> Result<(), Unheard> {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = output.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(()),
            Ok(_) => {}
            Err(error) => return Err(Unheard::Misspoke(format!("its output cannot be read: {error}"))),
        }
        // The last line of a worker that was killed may be torn; how it ended says more.
        if !line.ends_with(b"\n") && (line.len() as u64) < LONGEST_LINE {
            return Ok(());
        }
        match serde_json::from_slice(&line) {
            Ok(event) => {
                hear(&event).map_err(Unheard::Misspoke)?;
                if let Event::Failed { error, out_of_memory } = event {
                    return Err(Unheard::Reported { error, out_of_memory });
                }
            }
            Err(error) => {
                let shown: String = String::from_utf8_lossy(&line).trim_end().chars().take(200).collect();
                return Err(Unheard::Misspoke(format!("it wrote what is no event ({error}): {shown:?}")));
            }
        }
    }
}

/// Waits for the end of a worker that has nothing more to say.
fn reap(child: &Mutex<Child>) -> Result<ExitStatus, String> {
    let patience = Instant::now() + PATIENCE;
    loop {
        match lock(child).try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) => {}
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
        if Instant::now() > patience {
            let mut child = lock(child);
            end(&mut child);
            let _ = child.wait();
            return Err(format!("closed its output but did not end within {PATIENCE:?}; it was killed"));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// The end of what a worker wrote to stderr, on lines of its own; empty where it wrote nothing.
fn tail(mut stderr: File) -> String {
    let mut bytes = Vec::new();
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

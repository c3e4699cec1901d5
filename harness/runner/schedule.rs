//! Which trial starts when, and how many run side by side.

use std::env;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

use super::host;
use super::interrupt::Interrupt;
use crate::recipe::{Device, Environment};

/// Returns as many trials side by side as fill this process's cores, at least one; on CUDA one, because
/// trials that share a device share its memory and spoil each other's speed.
pub fn default_jobs(environment: &Environment) -> usize {
    match environment.device {
        Device::Cpu => (own_cores() / environment.threads.max(1)).max(1) as usize,
        Device::Cuda(_) => 1,
    }
}

/// Of the cores that this process may use, no more than Slurm gave to its job: not every Slurm binds a job to its cores.
fn own_cores() -> u32 {
    let given = env::var("SLURM_CPUS_ON_NODE").ok().and_then(|cores| cores.parse().ok());
    given.map_or_else(host::cores, |given: u32| host::cores().min(given))
}

/// Does `work` for every index of `order`, `jobs` side by side, each on a thread that lives until
/// all is done; hands what they send to `receive` on this thread. After an interrupt, or once
/// `receive` fails, no more is begun, and that failure is returned when the rest has ended.
///
/// # Errors
///
/// The first of `receive`; the system's where a thread cannot be started.
pub fn side_by_side<M: Send, E: From<io::Error>>(
    order: &[usize],
    jobs: usize,
    interrupt: &Interrupt,
    work: impl Fn(usize, &Sender<M>) + Sync,
    mut receive: impl FnMut(M) -> Result<(), E>,
) -> Result<(), E> {
    let next = AtomicUsize::new(0);
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let mut result = Ok(());
        for _ in 0..jobs.min(order.len()) {
            let sender = sender.clone();
            let next = &next;
            let work = &work;
            let started = thread::Builder::new().spawn_scoped(scope, move || {
                while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if interrupt.is_requested() {
                        break;
                    }
                    work(index, &sender);
                }
            });
            if let Err(error) = started {
                result = Err(error.into());
                interrupt.kill();
                break;
            }
        }
        drop(sender);
        for message in receiver {
            if result.is_ok() {
                result = receive(message);
                if result.is_err() {
                    interrupt.kill();
                }
            }
        }
        result
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use super::*;

    fn all(jobs: usize, items: usize) -> (usize, Vec<usize>) {
        let running = AtomicUsize::new(0);
        let most = Mutex::new(0);
        let order: Vec<usize> = (0..items).collect();
        let mut received = Vec::new();
        let work = |index, sender: &Sender<usize>| {
            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
            let mut most = most.lock().unwrap();
            *most = now.max(*most);
            drop(most);
            thread::sleep(Duration::from_millis(2));
            running.fetch_sub(1, Ordering::SeqCst);
            sender.send(index).unwrap();
        };
        side_by_side(&order, jobs, &Interrupt::default(), work, |index| {
            received.push(index);
            Ok::<(), io::Error>(())
        })
        .unwrap();
        received.sort_unstable();
        (most.into_inner().unwrap(), received)
    }

    #[test]
    fn all_is_done_once_and_never_more_than_jobs_at_a_time() {
        for jobs in [1, 3, 100] {
            let (most, received) = all(jobs, 20);
            assert!(most <= jobs);
            assert_eq!(received, (0..20).collect::<Vec<_>>());
        }
    }

    #[test]
    fn nothing_more_begins_once_receiving_fails() {
        let begun = AtomicUsize::new(0);
        let interrupt = Interrupt::default();
        let order: Vec<usize> = (0..1000).collect();
        let work = |index, sender: &Sender<usize>| {
            begun.fetch_add(1, Ordering::SeqCst);
            sender.send(index).unwrap();
            while index == 0 && !interrupt.is_requested() {
                thread::yield_now();
            }
        };
        let result = side_by_side(&order, 1, &interrupt, work, |_| Err(io::Error::other("disk full")));
        assert_eq!(result.unwrap_err().to_string(), "disk full");
        assert_eq!(begun.into_inner(), 1);
    }
}

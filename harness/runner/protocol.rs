//! What a worker is asked: one JSON line on its standard input. It answers with
//! [`Event`]s, one a line on its standard output, and ends. While it trains, a
//! second line may ask it to stop; while it measures, each further line asks for a round.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::data::Handle;
use crate::event::{Event, Task, View};
use crate::recipe::transform::Transform;
use crate::recipe::{Environment, Trial};
use crate::record::Weights;

/// What a worker is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Say what computes: answered by `Described`, or `Failed` where the device cannot be used.
    Describe {
        /// Where and how it computes.
        environment: Environment,
    },
    /// One batch forward and backward: answered by `Started` and `Checked`, or `Failed`.
    Check {
        /// The trial that is asked about.
        trial: Box<Trial>,
        /// Its dataset, in memory that the worker inherits.
        data: Handle,
    },
    /// Train: answered by `Started`, `Step`s and `Epoch`s, and `Finished`; or `Failed` at any time.
    Train {
        /// The trial that is asked about.
        trial: Box<Trial>,
        /// Its dataset, in memory that the worker inherits.
        data: Handle,
        /// Where its checkpoint is kept, without an extension; none keeps none.
        checkpoint: Option<PathBuf>,
        /// Where its weights are kept at the end; none keeps none.
        weights: Option<PathBuf>,
    },
    /// Get ready to time training steps: answered by `Started`, or `Failed` at any time.
    Measure {
        /// The trial that is asked about.
        trial: Box<Trial>,
        /// Its dataset, in memory that the worker inherits.
        data: Handle,
    },
    /// Say what a trained network shows: answered by `Insight`s, or `Failed` at any time.
    Inspect {
        /// The trial that is asked about.
        trial: Box<Trial>,
        /// Its dataset, in memory that the worker inherits.
        data: Handle,
        /// Which of its weights.
        weights: Weights,
        /// What is asked of the network.
        view: View,
    },
    /// Score the trained weights on the test images as they are and under each transform: answered by
    /// `Tested` and as many `Transformed`, or `Failed` at any time.
    Robustness {
        /// The trial whose weights are scored.
        trial: Box<Trial>,
        /// Its dataset, in memory that the worker inherits.
        data: Handle,
        /// Which of its weights.
        weights: Weights,
        /// In the order of the answers.
        transforms: Vec<Transform>,
    },
    /// On a line of its own after `Measure`, any number of times: answered by `Round`.
    Round(Task),
    /// On a line of its own. After `Train`: finish the epoch, keep a checkpoint, say `Stopped`, end.
    /// After `Measure`: end, as where its input is closed.
    Stop,
}

impl Request {
    /// Returns whether a worker that is doing this can be asked to stop.
    pub(super) fn can_stop(&self) -> bool {
        matches!(self, Request::Train { checkpoint: Some(_), .. })
    }

    /// Reads one line of a worker's input.
    ///
    /// # Errors
    ///
    /// What reading gives; [`io::ErrorKind::InvalidData`] where the line is no request.
    pub fn read(input: &mut impl BufRead) -> io::Result<Request> {
        let mut line = String::new();
        input.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Returns the request as one line.
    ///
    /// # Errors
    /// Fails with [`io::ErrorKind::InvalidData`] if a path in it is not UTF-8, which JSON cannot say.
    pub fn line(&self) -> io::Result<Vec<u8>> {
        line(self)
    }

    /// Writes it as one line.
    ///
    /// # Errors
    ///
    /// As [`line`](Request::line); what writing gives.
    pub fn write(&self, output: &mut impl Write) -> io::Result<()> {
        write_line(self, output)
    }
}

/// Writes an event as one line and flushes it, so that the parent sees it at once.
///
/// # Errors
///
/// What writing gives: a broken pipe where the parent has gone.
pub fn say(event: &Event, output: &mut impl Write) -> io::Result<()> {
    write_line(event, output)
}

fn write_line(value: &impl Serialize, output: &mut impl Write) -> io::Result<()> {
    output.write_all(&line(value)?)?;
    output.flush()
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{Device, Numerics};

    #[test]
    fn a_request_is_one_line_that_reads_back() {
        let environment = Environment { device: Device::Cuda(1), threads: 2, numerics: Numerics::Portable };
        let mut line = Vec::new();
        Request::Describe { environment }.write(&mut line).unwrap();
        assert_eq!(line.iter().filter(|&&byte| byte == b'\n').count(), 1);
        let read = Request::read(&mut line.as_slice()).unwrap();
        assert!(matches!(read, Request::Describe { environment: back } if back == environment));
    }

    #[test]
    fn what_is_no_request_is_invalid_data() {
        let error = Request::read(&mut b"{\"request\":\"sing\"}\n".as_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

//! A file of events: records with masked checksums, each a message `Event`
//! (tensorflow/core/util/event.proto, tensorflow/core/lib/io/record_writer.h).

use super::protobuf::ProtobufMessage;

/// A file of events that is being written.
pub(super) struct EventFile(Vec<u8>);

/// The name of the plugin that shows hyperparameters.
const HPARAMS: &str = "hparams";

impl EventFile {
    /// Returns a file with the event that every file begins with. Times are seconds since 1970.
    pub fn begin(time: f64) -> Self {
        let mut file = EventFile(Vec::new());
        file.add(&ProtobufMessage::new().double(1, time).text(3, "brain.Event:2"));
        file
    }

    /// Appends the value of a scalar after an epoch.
    pub fn add_scalar(&mut self, time: f64, epoch: u32, tag: &str, value: f32) {
        let value = ProtobufMessage::new().text(1, tag).float(2, value);
        let summary = ProtobufMessage::new().message(1, &value);
        let step = u64::from(epoch);
        self.add(&ProtobufMessage::new().double(1, time).integer(2, step).message(5, &summary));
    }

    /// Appends a message for the plugin of hyperparameters.
    pub fn add_metadata(&mut self, time: f64, tag: &str, content: &ProtobufMessage) {
        let plugin = ProtobufMessage::new().text(1, HPARAMS).message(2, content);
        let metadata = ProtobufMessage::new().message(1, &plugin);
        let value = ProtobufMessage::new().text(1, tag).message(9, &metadata);
        let summary = ProtobufMessage::new().message(1, &value);
        self.add(&ProtobufMessage::new().double(1, time).message(5, &summary));
    }

    /// Returns the bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn add(&mut self, event: &ProtobufMessage) {
        let data = event.as_bytes();
        let length = (data.len() as u64).to_le_bytes();
        self.0.extend(length);
        self.0.extend(masked(crc32c::crc32c(&length)).to_le_bytes());
        self.0.extend(data);
        self.0.extend(masked(crc32c::crc32c(data)).to_le_bytes());
    }
}

/// Returns a checksum so changed that the checksum of data with checksums in it is still a good one
/// (tensorflow/core/lib/hash/crc32c.h).
fn masked(checksum: u32) -> u32 {
    checksum.rotate_right(15).wrapping_add(0xa282_ead8)
}

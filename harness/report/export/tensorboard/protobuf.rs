//! Messages of Protocol Buffers as bytes (<https://protobuf.dev/programming-guides/encoding/>).

/// A message that is being written. Each method appends the field with this number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ProtobufMessage(Vec<u8>);

const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const LENGTH_DELIMITED: u64 = 2;
const FIXED_32: u64 = 5;

impl ProtobufMessage {
    /// Returns a message without a field.
    pub fn new() -> Self {
        ProtobufMessage::default()
    }

    /// Appends an integer, a truth value or an enumerator.
    pub fn integer(mut self, number: u64, value: u64) -> Self {
        self.varint(number << 3 | VARINT);
        self.varint(value);
        self
    }

    /// Appends a number of 64 bits.
    pub fn double(mut self, number: u64, value: f64) -> Self {
        self.varint(number << 3 | FIXED_64);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Appends a number of 32 bits.
    pub fn float(mut self, number: u64, value: f32) -> Self {
        self.varint(number << 3 | FIXED_32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Appends a text in UTF-8.
    pub fn text(self, number: u64, text: &str) -> Self {
        self.bytes(number, text.as_bytes())
    }

    /// Appends a message within this one.
    pub fn message(self, number: u64, message: &ProtobufMessage) -> Self {
        self.bytes(number, &message.0)
    }

    /// Appends bytes as they are.
    pub fn bytes(mut self, number: u64, bytes: &[u8]) -> Self {
        self.varint(number << 3 | LENGTH_DELIMITED);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    /// Returns the bytes of the message.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_as_the_encoding_guide_shows_them() {
        assert_eq!(ProtobufMessage::new().integer(1, 150).as_bytes(), [0x08, 0x96, 0x01]);
        let text = ProtobufMessage::new().text(2, "testing");
        assert_eq!(text.as_bytes(), [0x12, 7, b't', b'e', b's', b't', b'i', b'n', b'g']);
        let inner = ProtobufMessage::new().integer(1, 150);
        assert_eq!(ProtobufMessage::new().message(3, &inner).as_bytes(), [0x1a, 3, 0x08, 0x96, 0x01]);
    }
}

//! Two records side by side: whether they are of one experiment, made alike, with the same results.

mod field;
mod fingerprint;
mod identity;
mod night;
mod paired;
mod results;

pub use field::Field;
pub use fingerprint::fingerprint;
pub use identity::identity;
pub use night::nights;
pub use paired::{Difference, Ratio, is_alone};
pub use results::{Parting, parting, results};

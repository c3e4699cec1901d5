//! Options that several verbs have. Each group is flattened into the verbs' own options.

pub mod commit;
pub mod compute;
pub mod folders;
pub mod method;
pub mod output;
pub mod policy;
pub mod runs;
pub mod selection;
pub mod setting;
pub mod shard;
pub mod sides;
pub mod terms;

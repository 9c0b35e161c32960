//! The daemon with servers of objects: what it leaves in them, whatever happens to either, as the auditor's tool sees
//! it. Both are the binaries that are shipped.

mod leftovers;
mod servers;
mod stage;

//! A frame that no recorder has accepted cannot be sent, by neither way.

use bytes::Bytes;
use guac_policy::{Egress, Permitted};

async fn send(egress: &mut Egress<Vec<u8>>, frame: Permitted<Bytes>) {
    let _ = egress.send(&frame).await;
    let _ = egress.control(&frame).await;
}

fn main() {}

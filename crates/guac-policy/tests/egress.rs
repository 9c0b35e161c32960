//! The write half takes what it should and hands it on as it is.

use std::sync::Arc;

use guac_policy::{Egress, FrameGate, Gate, Restrictions, Role, Unrecorded};
use guac_protocol::{ServerInstruction, Timestamp};
use tokio::io::AsyncReadExt as _;

#[tokio::test]
async fn frames_and_messages_arrive_in_order() {
    let (ours, mut theirs) = tokio::io::duplex(8);
    let sender = tokio::spawn(async move {
        let mut egress = Egress::new(ours);
        let gate = Gate::new(&Arc::default(), Restrictions::default(), Role::Owner);
        let nop = gate.vet_control(&ServerInstruction::Nop).unwrap();
        let sync = ServerInstruction::Sync {
            timestamp: Timestamp(7),
            frames: 1,
        };
        let frame = FrameGate::new(Arc::default()).vet_frame([sync]).unwrap();
        let frame = frame.record(&mut Unrecorded).unwrap();
        egress.control(&nop).await.unwrap();
        egress.send(&frame).await.unwrap();
        egress.send(&frame).await.unwrap();
        egress.flush().await.unwrap();
        egress.shutdown().await.unwrap();
    });
    let mut received = String::new();
    theirs.read_to_string(&mut received).await.unwrap();
    sender.await.unwrap();
    assert_eq!(received, "3.nop;4.sync,1.7,1.1;4.sync,1.7,1.1;");
}

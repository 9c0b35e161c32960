//! Which addresses a session may connect to, and may be connected to from.
//!
//! Addresses are compared, not names: whatever name a connection gives, and whatever the name service
//! answers, only an address that the policy's targets have is connected to, and the one that was
//! looked at is the one that is used.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use guac_policy::{Policy, Target};
use tokio::net::lookup_host;

use crate::desktop::failure::Failure;

/// The targets of a policy.
#[derive(Debug, Clone)]
pub(crate) struct Targets(Arc<[Target]>);

/// The addresses of the targets that are hosts by name.
type Answers = BTreeMap<String, Vec<IpAddr>>;

impl Targets {
    pub(crate) fn of(policy: &Policy) -> Self {
        Self(policy.targets().into())
    }

    /// The addresses among these that may be connected to.
    ///
    /// # Errors
    /// When there are some and none of them may be.
    pub(super) async fn permitted(
        &self,
        addresses: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Failure> {
        let mut answers = Answers::new();
        let mut permitted = self.filter(&addresses, &answers);
        if permitted.len() < addresses.len() {
            answers = self.resolve().await;
            permitted = self.filter(&addresses, &answers);
        }
        if permitted.is_empty() && !addresses.is_empty() {
            return Err(Failure::ForbiddenTarget);
        }
        Ok(permitted)
    }

    /// Whether a machine that connects to us may be a desktop.
    pub(super) async fn takes_peer(&self, ip: IpAddr) -> bool {
        let takes = |answers: &Answers| {
            let resolve = |name: &str| answers.get(name).cloned().unwrap_or_default();
            self.0.iter().any(|target| target.takes_ip(ip, resolve))
        };
        takes(&Answers::new()) || takes(&self.resolve().await)
    }

    /// Whether an address may be connected to, as far as that is known without asking for the
    /// addresses of names.
    pub(in crate::desktop) fn may_take(&self, address: SocketAddr) -> bool {
        let has_name = self.0.iter().any(|target| target.host().is_some());
        has_name || !self.filter(&[address], &Answers::new()).is_empty()
    }

    fn filter(&self, addresses: &[SocketAddr], answers: &Answers) -> Vec<SocketAddr> {
        let resolve = |name: &str| answers.get(name).cloned().unwrap_or_default();
        let is_permitted = |address: &SocketAddr| {
            let mut targets = self.0.iter();
            targets.any(|target| target.takes(*address, resolve))
        };
        addresses.iter().copied().filter(is_permitted).collect()
    }

    async fn resolve(&self) -> Answers {
        let mut answers = Answers::new();
        for name in self.0.iter().filter_map(Target::host) {
            match lookup_host((name, 0)).await {
                Ok(found) => {
                    answers.insert(name.to_owned(), found.map(|one| one.ip()).collect());
                }
                Err(error) => tracing::warn!("The target \"{name}\" has no address: {error}"),
            }
        }
        answers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(list: &[&str]) -> Targets {
        Targets(list.iter().map(|text| text.parse().unwrap()).collect())
    }

    async fn permitted(list: &[&str], addresses: &[&str]) -> Option<Vec<String>> {
        let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
        match targets(list).permitted(addresses).await {
            Ok(permitted) => Some(permitted.iter().map(ToString::to_string).collect()),
            Err(Failure::ForbiddenTarget) => None,
            Err(other) => panic!("{other}"),
        }
    }

    #[tokio::test]
    async fn only_addresses_of_the_targets_are_left() {
        let answers = ["192.0.2.1:5900", "127.0.0.1:5900"];
        let local = Some(vec!["127.0.0.1:5900".to_owned()]);
        assert_eq!(permitted(&["127.0.0.0/8:*"], &answers).await, local);
        assert_eq!(permitted(&["localhost:5900"], &answers).await, local);
        assert_eq!(permitted(&["localhost:5901"], &answers).await, None);
        assert_eq!(permitted(&["no-such-host.invalid:*"], &answers).await, None);
        assert_eq!(permitted(&[], &answers).await, None);
        assert_eq!(permitted(&["*:*"], &answers).await.unwrap().len(), 2);
        assert_eq!(permitted(&["*:*"], &[]).await.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a_machine_that_comes_by_itself_is_known_by_its_address() {
        let local = "127.0.0.1".parse().unwrap();
        assert!(targets(&["localhost:5900"]).takes_peer(local).await);
        assert!(targets(&["127.0.0.0/8:1"]).takes_peer(local).await);
        assert!(!targets(&["10.0.0.0/8:*"]).takes_peer(local).await);
    }
}

//! Which of the types that a server offers is used.

use super::method::wanted;
use crate::{ClientConfig, HandshakeError, Offered, Remedy, SecurityConfig, SecurityType as Type};

/// The numbers of anonymous TLS: as a type, and as sub-types of VeNCrypt.
const ANONYMOUS: [u32; 4] = [18, 257, 258, 259];

/// Strongest first, where the key of an RA2 server is known.
const PINNED: [Type; 12] = [
    Type::X509Plain,
    Type::X509Vnc,
    Type::Ra2With256,
    Type::Ra2,
    Type::X509None,
    Type::Ra2neWith256,
    Type::Ra2ne,
    Type::Ard,
    Type::MsLogonII,
    Type::VncAuth,
    Type::Plain,
    Type::None,
];

/// Strongest first, where it is not.
const UNPINNED: [Type; 12] = [
    Type::X509Plain,
    Type::X509Vnc,
    Type::X509None,
    Type::Ra2With256,
    Type::Ra2,
    Type::Ra2neWith256,
    Type::Ra2ne,
    Type::Ard,
    Type::MsLogonII,
    Type::VncAuth,
    Type::Plain,
    Type::None,
];

/// What keeps a type from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// This client does not speak it.
    Unknown,
    /// What has to be added or changed.
    Remedy(Remedy),
}

/// The best of the types that a server lists. VeNCrypt's sub-types stand for it, because they are
/// not known yet: the best one that could come decides whether VeNCrypt is chosen.
pub(super) fn choose(offered: &[u32], config: &ClientConfig) -> Result<Type, HandshakeError> {
    let lists = |security: Type| {
        let avoided = security.sub_type().is_some() && config.security.avoid_vencrypt;
        offered.contains(&security.number().into()) && !avoided
    };
    best(lists, config).ok_or_else(|| HandshakeError::NoUsableSecurity {
        offered: Offered::new(offered),
        remedy: remedy(offered, lists, &config.security),
    })
}

/// The best of the types that fit and are listed. One for which everything is there comes before
/// one for which somebody has to be asked; the open door, last of the former, is between the two.
fn best(lists: impl Fn(Type) -> bool, config: &ClientConfig) -> Option<Type> {
    let mut usable = ranking(&config.security)
        .into_iter()
        .filter(|security| lists(*security))
        .filter(|security| obstacle(*security, &config.security).is_none());
    let complete = usable.clone().find(|security| {
        let missing = wanted(*security).missing(&config.credentials);
        missing.is_nothing()
    });
    complete.or_else(|| usable.next())
}

fn ranking(config: &SecurityConfig) -> [Type; 12] {
    if config.trusts_keys() {
        PINNED
    } else {
        UNPINNED
    }
}

fn obstacle(security: Type, config: &SecurityConfig) -> Option<Obstacle> {
    let remedy = match security {
        Type::None | Type::VncAuth => None,
        Type::Plain
        | Type::X509None
        | Type::X509Vnc
        | Type::X509Plain
        | Type::Ra2
        | Type::Ra2ne
        | Type::Ra2With256
        | Type::Ra2neWith256
        | Type::Ard
        | Type::MsLogonII => return Some(Obstacle::Unknown),
    };
    let is_enough = config.minimum <= security.level(config.trusts_keys());
    remedy
        .or((!is_enough).then_some(Remedy::Minimum))
        .map(Obstacle::Remedy)
}

/// What would let the strongest type be used that is listed.
fn remedy(offered: &[u32], lists: impl Fn(Type) -> bool, config: &SecurityConfig) -> Remedy {
    let known = ranking(config)
        .into_iter()
        .filter(|security| lists(*security))
        .find_map(|security| match obstacle(security, config) {
            Some(Obstacle::Remedy(remedy)) => Some(remedy),
            Some(Obstacle::Unknown) | None => None,
        });
    known.unwrap_or_else(|| {
        if ANONYMOUS.iter().any(|number| offered.contains(number)) {
            Remedy::Certificate
        } else {
            Remedy::OtherType
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecurityLevel;

    #[test]
    fn the_open_door_comes_after_what_is_known_and_before_what_has_to_be_asked_for() {
        let mut config = ClientConfig::default();
        assert_eq!(choose(&[2, 1], &config), Ok(Type::None));
        assert_eq!(choose(&[2], &config), Ok(Type::VncAuth));
        config.credentials.password = Some("secret".into());
        assert_eq!(choose(&[1, 2], &config), Ok(Type::VncAuth));
        assert_eq!(choose(&[1], &config), Ok(Type::None));
    }

    #[test]
    fn what_is_weaker_than_demanded_is_not_chosen() {
        let mut config = ClientConfig::default();
        config.security.minimum = SecurityLevel::Password;
        assert_eq!(choose(&[1, 2], &config), Ok(Type::VncAuth));
        assert_eq!(
            choose(&[1], &config),
            Err(HandshakeError::NoUsableSecurity {
                offered: Offered::new(&[1]),
                remedy: Remedy::Minimum,
            })
        );
        config.security.minimum = SecurityLevel::Encrypted;
        assert!(choose(&[1, 2], &config).is_err());
    }
}

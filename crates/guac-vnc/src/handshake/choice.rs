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

/// The best of the sub-types that VeNCrypt lists, and its number. `others` tells whether there
/// is another type beside VeNCrypt.
pub(super) fn choose_sub_type(
    offered: &[u32],
    config: &ClientConfig,
    others: bool,
) -> Result<(Type, u32), HandshakeError> {
    let lists = |security: Type| {
        let number = security.sub_type();
        number.is_some_and(|number| offered.contains(&number))
    };
    best(lists, config)
        .and_then(|security| Some((security, security.sub_type()?)))
        .ok_or_else(|| HandshakeError::NoUsableSubType {
            offered: Offered::new(offered),
            remedy: remedy(offered, lists, &config.security),
            others,
        })
}

/// Whether the server offers a type that can be used beside VeNCrypt.
pub(super) fn without_vencrypt(offered: &[u32], config: &ClientConfig) -> bool {
    let lists = |security: Type| {
        security.sub_type().is_none() && offered.contains(&security.number().into())
    };
    best(lists, config).is_some()
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

/// What has to be added or changed before a type can be used.
fn obstacle(security: Type, config: &SecurityConfig) -> Option<Remedy> {
    let missing = match security {
        Type::None | Type::VncAuth | Type::Plain => None,
        Type::X509None | Type::X509Vnc | Type::X509Plain => {
            (!config.trusts_certificates()).then_some(Remedy::Trust)
        }
        Type::Ra2
        | Type::Ra2ne
        | Type::Ra2With256
        | Type::Ra2neWith256
        | Type::Ard
        | Type::MsLogonII => config.entropy.is_none().then_some(Remedy::Entropy),
    };
    let is_enough = config.minimum <= security.level(config.trusts_keys());
    missing.or((!is_enough).then_some(Remedy::Minimum))
}

/// What would let the strongest type be used that is listed.
fn remedy(offered: &[u32], lists: impl Fn(Type) -> bool, config: &SecurityConfig) -> Remedy {
    let known = ranking(config)
        .into_iter()
        .filter(|security| lists(*security))
        .find_map(|security| obstacle(security, config));
    known.unwrap_or_else(|| {
        if ANONYMOUS.iter().any(|number| offered.contains(number)) {
            Remedy::Certificate
        } else {
            Remedy::OtherType
        }
    })
}

#[cfg(test)]
mod tests;

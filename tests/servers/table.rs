//! The rows.

use crate::row::{Road, Row, Security, Server, Trust};

const PLAIN: Row = Row {
    server: Server::Xvnc,
    road: Road::Port,
    security: Security::None,
    trust: Trust::Nothing,
    encoding: "",
    depth: "",
    quality: "",
    screen: 24,
    is_open: false,
};

/// All rows.
pub(crate) fn full() -> Vec<Row> {
    let servers = [
        Server::Xvnc,
        Server::X0vncserver,
        Server::X11vnc,
        Server::Xtightvnc,
        Server::Qemu,
        Server::Wayvnc,
    ];
    servers.into_iter().flat_map(of_server).collect()
}

fn of_server(server: Server) -> Vec<Row> {
    let plain = Row { server, ..PLAIN };
    let mut rows = Vec::new();
    for security in server.securities() {
        let row = secured(plain, *security);
        rows.extend(in_all_encodings(row, server.depths()));
    }
    for screen in server.screens() {
        let row = Row {
            screen: *screen,
            ..plain
        };
        rows.extend(in_all_encodings(row, &["", "16", "8"]));
    }
    rows.extend(server.qualities().iter().map(|quality| Row {
        encoding: "tight",
        quality,
        ..plain
    }));
    if server.has_socket() {
        rows.extend(server.encodings().iter().map(|encoding| Row {
            road: Road::Socket,
            encoding,
            ..plain
        }));
    }
    rows.extend(trusted_otherwise(plain));
    rows.push(Row {
        is_open: true,
        ..plain
    });
    rows
}

/// A security type, with the authority where there is a certificate.
fn secured(row: Row, security: Security) -> Row {
    let trust = if security.has_certificate() {
        Trust::Authority
    } else {
        Trust::Nothing
    };
    Row {
        security,
        trust,
        ..row
    }
}

fn in_all_encodings(row: Row, depths: &[&'static str]) -> Vec<Row> {
    let encodings = row.server.encodings().iter();
    encodings
        .flat_map(|encoding| {
            depths.iter().map(move |depth| Row {
                encoding,
                depth,
                ..row
            })
        })
        .collect()
}

/// Each type that has a certificate by its fingerprint, by that of another one and by nothing; and
/// what has none.
fn trusted_otherwise(plain: Row) -> Vec<Row> {
    let securities = plain.server.securities().iter();
    let mut rows: Vec<Row> = securities
        .filter(|security| security.has_certificate())
        .flat_map(|security| {
            [Trust::Fingerprint, Trust::OtherFingerprint, Trust::Nothing].map(|trust| Row {
                security: *security,
                trust,
                ..plain
            })
        })
        .collect();
    if plain.server == Server::Qemu {
        rows.push(Row {
            security: Security::TlsNone,
            ..plain
        });
    }
    rows
}

/// A few of them, of servers that are quick to install and to start: every kind of desktop but the
/// Wayland one, every security type, every encoding and depth once.
pub(crate) fn short() -> Vec<Row> {
    let row = |server, security, encoding, depth| Row {
        server,
        security,
        encoding,
        depth,
        ..PLAIN
    };
    vec![
        row(Server::Xvnc, Security::None, "", "24"),
        row(Server::Xvnc, Security::VncAuth, "tight", "24"),
        row(Server::Xvnc, Security::None, "zrle", "16"),
        row(Server::Xvnc, Security::None, "hextile", "8"),
        row(Server::Xvnc, Security::None, "rre", "24"),
        Row {
            screen: 16,
            ..row(Server::Xvnc, Security::None, "tight", "")
        },
        Row {
            quality: "8",
            ..row(Server::Xvnc, Security::None, "tight", "")
        },
        row(Server::X11vnc, Security::VncAuth, "tight", "24"),
        row(Server::X11vnc, Security::None, "zlib", "16"),
        Row {
            quality: "8",
            ..row(Server::X11vnc, Security::None, "tight", "")
        },
        row(Server::X11vnc, Security::None, "corre", "24"),
        Row {
            road: Road::Socket,
            ..row(Server::Xvnc, Security::None, "hextile", "")
        },
        secured(
            row(Server::Xvnc, Security::None, "zrle", "24"),
            Security::X509Vnc,
        ),
        secured(
            row(Server::Qemu, Security::None, "tight", "24"),
            Security::X509None,
        ),
        Row {
            security: Security::X509Vnc,
            trust: Trust::OtherFingerprint,
            ..PLAIN
        },
        row(Server::Qemu, Security::VncAuth, "zrle", "24"),
        row(Server::Qemu, Security::None, "hextile", "8"),
    ]
}

#[test]
fn the_short_form_is_part_of_the_full_one() {
    let full = full();
    for row in short() {
        assert!(full.contains(&row), "{row}");
    }
}

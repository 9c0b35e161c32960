//! The rows.

use crate::row::{Road, Row, Security, Server};

const PLAIN: Row = Row {
    server: Server::Xvnc,
    road: Road::Port,
    security: Security::None,
    encoding: "",
    depth: "",
    quality: "",
    screen: 24,
    is_open: false,
};

/// All rows.
pub(crate) fn full() -> Vec<Row> {
    let mut rows = Vec::new();
    for server in [
        Server::Xvnc,
        Server::X0vncserver,
        Server::X11vnc,
        Server::Xtightvnc,
        Server::Qemu,
        Server::Wayvnc,
    ] {
        let plain = Row { server, ..PLAIN };
        for security in server.securities() {
            for encoding in server.encodings() {
                for depth in server.depths() {
                    let (security, depth) = (*security, *depth);
                    rows.push(Row {
                        security,
                        encoding,
                        depth,
                        ..plain
                    });
                }
            }
        }
        for quality in server.qualities() {
            rows.push(Row {
                encoding: "tight",
                quality,
                ..plain
            });
        }
        for screen in server.screens() {
            for encoding in server.encodings() {
                for depth in ["", "16", "8"] {
                    rows.push(Row {
                        encoding,
                        depth,
                        screen: *screen,
                        ..plain
                    });
                }
            }
        }
        rows.push(Row {
            is_open: true,
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
        row(Server::X11vnc, Security::None, "corre", "24"),
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

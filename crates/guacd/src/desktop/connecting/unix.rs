//! VNC servers that listen on a Unix socket, as one beside the daemon may.
//!
//! Whoever may write to a folder of the path could put something else there: a symbolic link to the
//! socket of a container runtime, for one. So the path is walked without following any link, what
//! stands at its end is looked at, and exactly that is connected to, whatever the path leads to by
//! then.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Component, Path};

use guac_policy::SocketPath;
use rustix::fs::{CWD, FileType, Mode, OFlags, fstat, openat};
use rustix::io::Errno;
use tokio::net::UnixStream;

use super::Connection;
use crate::desktop::failure::Failure;

/// Connects to the socket at this very path.
pub(super) async fn connect(path: &SocketPath) -> Result<Connection, Failure> {
    let place = path.clone();
    let socket = tokio::task::spawn_blocking(move || open(place.as_path()))
        .await
        .map_err(|_cancelled| Failure::Unreachable(io::ErrorKind::Interrupted))??;
    // The kernel's name for what was opened, which no link and no renaming can change.
    let stream = UnixStream::connect(format!("/proc/self/fd/{}", socket.as_raw_fd()))
        .await
        .map_err(|error| Failure::Unreachable(error.kind()))?;
    let (reader, writer) = stream.into_split();
    Ok(Connection {
        reader: Box::new(reader),
        writer: Box::new(writer),
        same_host: true,
    })
}

/// A handle on a socket's place, which cannot be read or written through.
fn open(path: &Path) -> Result<OwnedFd, Failure> {
    let mut place: Option<OwnedFd> = None;
    for component in path.components() {
        let name = match component {
            Component::RootDir => Path::new("/"),
            Component::Normal(name) => Path::new(name),
            Component::Prefix(_) | Component::CurDir | Component::ParentDir => {
                return Err(Failure::Socket("its path is not plain"));
            }
        };
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = match &place {
            None => openat(CWD, name, flags, Mode::empty()),
            Some(folder) => openat(folder, name, flags, Mode::empty()),
        };
        let opened = opened.map_err(unreachable)?;
        if file_type(&opened)? == FileType::Symlink {
            return Err(Failure::Socket("a part of its path is a symbolic link"));
        }
        place = Some(opened);
    }
    let socket = place.ok_or(Failure::Socket("its path is empty"))?;
    if file_type(&socket)? == FileType::Socket {
        Ok(socket)
    } else {
        Err(Failure::Socket("what stands there is no socket"))
    }
}

fn file_type(place: &OwnedFd) -> Result<FileType, Failure> {
    let status = fstat(place).map_err(unreachable)?;
    Ok(FileType::from_raw_mode(status.st_mode))
}

fn unreachable(error: Errno) -> Failure {
    Failure::Unreachable(io::Error::from(error).kind())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixListener;

    use super::*;

    /// A folder whose path has no link in it.
    fn folder() -> TempDir {
        let real = fs::canonicalize(std::env::temp_dir()).unwrap();
        tempfile::tempdir_in(real).unwrap()
    }

    async fn connect_to(path: &Path) -> Result<Connection, Failure> {
        connect(&SocketPath::new(path.to_str().unwrap()).unwrap()).await
    }

    async fn refusal(path: &Path) -> String {
        match connect_to(path).await {
            Ok(_) => panic!("{} is connected to", path.display()),
            Err(failure) => failure.to_string(),
        }
    }

    #[tokio::test]
    async fn bytes_go_both_ways_and_the_server_is_on_this_host() {
        let folder = folder();
        let path = folder.path().join("vnc.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let mut connection = connect_to(&path).await.unwrap();
        assert!(connection.same_host);
        let (mut server, _) = listener.accept().await.unwrap();
        connection.writer.write_all(b"from us").await.unwrap();
        server.write_all(b"to us").await.unwrap();
        let (mut there, mut here) = ([0; 7], [0; 5]);
        server.read_exact(&mut there).await.unwrap();
        connection.reader.read_exact(&mut here).await.unwrap();
        assert_eq!((&there, &here), (b"from us", b"to us"));
    }

    #[tokio::test]
    async fn no_part_of_the_path_is_a_link() {
        let folder = folder();
        let real = folder.path().join("real");
        fs::create_dir(&real).unwrap();
        let _listener = UnixListener::bind(real.join("vnc.sock")).unwrap();
        symlink(&real, folder.path().join("folder")).unwrap();
        symlink(real.join("vnc.sock"), real.join("link.sock")).unwrap();
        symlink("vnc.sock", real.join("near.sock")).unwrap();
        for path in ["folder/vnc.sock", "real/link.sock", "real/near.sock"] {
            let said = refusal(&folder.path().join(path)).await;
            assert!(
                said.ends_with("a part of its path is a symbolic link"),
                "{said}"
            );
        }
        assert!(connect_to(&real.join("vnc.sock")).await.is_ok());
    }

    #[tokio::test]
    async fn only_a_socket_that_is_there_is_connected_to() {
        let folder = folder();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let dead = folder.path().join("dead.sock");
        drop(UnixListener::bind(&dead).unwrap());
        for (path, end) in [
            (file.clone(), "no socket"),
            (folder.path().to_owned(), "no socket"),
            (folder.path().join("nothing"), "entity not found"),
            (file.join("below"), "not a directory"),
            (dead, "connection refused"),
        ] {
            let said = refusal(&path).await;
            assert!(said.ends_with(end), "{said}");
        }
    }
}

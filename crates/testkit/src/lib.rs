//! For tests only: fake VNC server, fake Guacamole client, real X servers, fuzz oracles.

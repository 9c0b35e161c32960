//! A VNC (RFB) client without I/O: security, decoders, pseudo-encodings, input.

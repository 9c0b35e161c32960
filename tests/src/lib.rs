//! Whole-system tests: real VNC servers, the stock JavaScript client, a browser.

//! The browser's remote control: JSON commands over a websocket.

use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// How long the browser may take for one command.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection, to the browser or to one of its pages.
pub(crate) struct DevTools {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last_id: u64,
}

impl DevTools {
    /// Connects to a websocket address of the browser.
    pub(crate) fn connect(address: &str) -> Result<Self> {
        // A picture comes as one message.
        let config = WebSocketConfig::default()
            .max_frame_size(None)
            .max_message_size(None);
        let (socket, _) = tungstenite::client::connect_with_config(address, Some(config), 0)
            .context("connect to the browser")?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE))?;
            stream.set_nodelay(true)?;
        }
        Ok(Self { socket, last_id: 0 })
    }

    /// Sends a command and gives its result.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Result<Value> {
        self.last_id += 1;
        let command = json!({ "id": self.last_id, "method": method, "params": parameters });
        self.socket.send(Message::text(command.to_string()))?;
        loop {
            let message = self
                .socket
                .read()
                .with_context(|| format!("the answer to {method}"))?;
            let Message::Text(text) = message else {
                continue;
            };
            let mut answer: Value = serde_json::from_str(&text)?;
            // Events carry no id.
            if answer["id"] != self.last_id {
                continue;
            }
            if let Some(error) = answer.get("error") {
                bail!("{method} failed: {error}");
            }
            return Ok(answer["result"].take());
        }
    }
}

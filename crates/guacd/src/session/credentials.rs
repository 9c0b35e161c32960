//! What the VNC server asks for and the owner types.

use secrecy::SecretString;

/// A question for credentials and the answers so far.
#[derive(Debug, Default)]
pub(super) struct CredentialPrompt {
    username: Answer,
    password: Answer,
    open: bool,
}

#[derive(Debug, Default)]
enum Answer {
    #[default]
    NotAsked,
    Missing,
    Given(SecretString),
}

impl CredentialPrompt {
    /// Starts a question.
    pub(super) fn ask(&mut self, username: bool, password: bool) {
        let state = |asked| {
            if asked {
                Answer::Missing
            } else {
                Answer::NotAsked
            }
        };
        self.username = state(username);
        self.password = state(password);
        self.open = true;
    }

    /// The parameter names that are still to be answered.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let named = [("username", &self.username), ("password", &self.password)];
        named
            .into_iter()
            .filter(|(_, answer)| matches!(answer, Answer::Missing))
            .map(|(name, _)| name)
            .collect()
    }

    /// Whether the user is being waited for.
    pub(super) fn waiting(&self) -> bool {
        self.open
    }

    /// Takes an answer; one that was not asked for is dropped.
    pub(super) fn answer(&mut self, name: &str, value: SecretString) {
        let answer = match name {
            "username" => &mut self.username,
            "password" => &mut self.password,
            _ => return,
        };
        if self.open && !matches!(answer, Answer::NotAsked) {
            *answer = Answer::Given(value);
        }
    }

    /// Nobody can be asked: goes on without.
    pub(super) fn give_up(&mut self) {
        self.username = Answer::NotAsked;
        self.password = Answer::NotAsked;
    }

    /// The answers, once, when none is missing any longer.
    pub(super) fn take_complete(&mut self) -> Option<(Option<SecretString>, Option<SecretString>)> {
        if !self.open || !self.missing().is_empty() {
            return None;
        }
        self.open = false;
        Some((
            std::mem::take(&mut self.username).given(),
            std::mem::take(&mut self.password).given(),
        ))
    }
}

impl Answer {
    fn given(self) -> Option<SecretString> {
        match self {
            Self::Given(value) => Some(value),
            Self::NotAsked | Self::Missing => None,
        }
    }
}

//! What the VNC server asks for and the owner types.

use secrecy::SecretString;

/// How often a user may type: once, and twice more after a mistake.
const TRIES: u8 = 3;

/// A question for credentials and the answers so far.
#[derive(Debug, Default)]
pub(super) struct CredentialPrompt {
    username: Answer,
    password: Answer,
    open: bool,
    /// Whether the server was given something that the user typed.
    typed: bool,
    failures: u8,
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
        let username = std::mem::take(&mut self.username).given();
        let password = std::mem::take(&mut self.password).given();
        self.typed |= username.is_some() || password.is_some();
        Some((username, password))
    }

    /// The server did not believe what it was given: whether the user may type once more. What was
    /// configured is as wrong the next time.
    pub(super) fn fail(&mut self) -> bool {
        let mistyped = self.typed;
        self.failures = self.failures.saturating_add(1);
        self.withdraw();
        mistyped && self.failures < TRIES
    }

    /// Forgets the question and what was answered: another attempt asks by itself.
    pub(super) fn withdraw(&mut self) {
        self.give_up();
        self.open = false;
        self.typed = false;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn type_password(prompt: &mut CredentialPrompt) {
        prompt.ask(false, true);
        prompt.answer("password", "typed".into());
        assert!(prompt.take_complete().is_some());
    }

    #[test]
    fn a_user_types_three_times() {
        let mut prompt = CredentialPrompt::default();
        for may_go_on in [true, true, false] {
            type_password(&mut prompt);
            assert_eq!(prompt.fail(), may_go_on);
        }
    }

    #[test]
    fn what_nobody_typed_is_not_asked_for_again() {
        assert!(!CredentialPrompt::default().fail());
        let mut nobody = CredentialPrompt::default();
        nobody.ask(true, true);
        nobody.give_up();
        assert!(nobody.take_complete().is_some());
        assert!(!nobody.fail());
    }

    #[test]
    fn an_answer_to_an_attempt_that_is_over_is_dropped() {
        let mut prompt = CredentialPrompt::default();
        prompt.ask(true, true);
        prompt.answer("username", "typed".into());
        prompt.withdraw();
        prompt.answer("password", "typed".into());
        assert!(!prompt.waiting() && prompt.take_complete().is_none());
        prompt.ask(true, true);
        assert_eq!(prompt.missing(), ["username", "password"]);
    }
}

//! What the components of `parts.html` are given. Every one of them is shown on `/dashboard/{side}/components`.

/// One choice of several: of a list to pick from, a radio button, a checkbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub text: String,
    /// What it means; may be empty.
    pub more: String,
    /// Whether it is chosen.
    pub chosen: bool,
    /// Whether it cannot be changed here.
    pub is_fixed: bool,
}

impl Choice {
    /// One that can be changed.
    pub fn new(value: impl Into<String>, text: impl Into<String>, chosen: bool) -> Choice {
        Choice { value: value.into(), text: text.into(), more: String::new(), chosen, is_fixed: false }
    }

    /// With what it means.
    #[must_use]
    pub fn meaning(self, more: impl Into<String>) -> Choice {
        Choice { more: more.into(), ..self }
    }

    /// One that cannot be changed here.
    #[must_use]
    pub fn fixed(self) -> Choice {
        Choice { is_fixed: true, ..self }
    }
}

/// A link of several, of which one is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub href: String,
    /// What it says.
    pub text: &'static str,
    /// Whether it is the one that is open.
    pub is_here: bool,
}

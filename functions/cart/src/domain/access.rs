use api::{Caller, Capability};

use super::{Cart, CartOwner};

/// The kind of capability that opens a guest's cart.
const TOKEN_KIND: &str = "cart";

impl Cart {
    /// Whether the caller may see and change the cart. A guest's cart opens with its token, whoever calls; a shopper's to that
    /// shopper alone.
    #[must_use]
    pub fn opens_to(&self, caller: &Caller, token: Option<&str>, capability: &Capability) -> bool {
        match &self.owner {
            CartOwner::Guest { token_version } => {
                token.is_some_and(|token| capability.allows(token, TOKEN_KIND, &self.id.to_string(), *token_version))
            }
            CartOwner::User { user_id } => caller.user_id() == Some(user_id),
        }
    }

    /// What opens the cart, if it is a guest's.
    #[must_use]
    pub fn token(&self, capability: &Capability) -> Option<String> {
        match &self.owner {
            CartOwner::Guest { token_version } => {
                Some(capability.token(TOKEN_KIND, &self.id.to_string(), *token_version))
            }
            CartOwner::User { .. } => None,
        }
    }
}

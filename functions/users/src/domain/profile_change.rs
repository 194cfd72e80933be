use events::{PasswordChanged, UserDeleted, UserUpdated};
use kernel::{Locale, Phone, Timestamp};

use crate::domain::{MarketingConsent, Name, Profile};

/// What somebody wants to be different about their profile; what is not said stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProfileChange {
    pub name: Option<Name>,
    /// `Some(None)` removes the number.
    pub phone: Option<Option<Phone>>,
    pub locale: Option<Locale>,
    pub marketing_consent: Option<bool>,
}

impl Profile {
    /// The profile after `change`. Consent is remembered with the moment it was given or taken back, not with that of saying so again.
    #[must_use]
    pub fn updated_by(&self, change: ProfileChange, now: Timestamp) -> Self {
        let ProfileChange { name, phone, locale, marketing_consent } = change;
        let known = self.marketing_consent;
        let consent = marketing_consent
            .filter(|granted| known.is_none_or(|known| known.granted != *granted))
            .map(|granted| MarketingConsent { granted, at: now });
        Self {
            name: name.unwrap_or_else(|| self.name.clone()),
            phone: phone.unwrap_or_else(|| self.phone.clone()),
            locale: locale.unwrap_or(self.locale),
            marketing_consent: consent.or(known),
            ..self.clone()
        }
    }

    /// What the other services are told of a profile that was `before`.
    #[must_use]
    pub fn updated(&self, before: &Self) -> UserUpdated {
        UserUpdated {
            user_id: self.id.clone(),
            email: self.email.clone(),
            old_email: (before.email != self.email).then(|| before.email.clone()),
            name: self.name.to_string(),
            locale: self.locale,
            since: Some(self.created_at),
        }
    }

    /// What the other services are told of whoever leaves, for the last time with an address.
    #[must_use]
    pub fn deleted(&self) -> UserDeleted {
        UserDeleted {
            user_id: self.id.clone(),
            email: self.email.clone(),
            name: self.name.to_string(),
            locale: self.locale,
        }
    }

    /// What the other services are told of a new password.
    #[must_use]
    pub fn password_changed(&self) -> PasswordChanged {
        PasswordChanged {
            user_id: self.id.clone(),
            email: self.email.clone(),
            name: self.name.to_string(),
            locale: self.locale,
        }
    }
}

#[cfg(test)]
mod tests {
    use testkit::now;

    use super::*;
    use crate::domain::samples::ada;

    fn consenting(granted: bool) -> ProfileChange {
        ProfileChange { marketing_consent: Some(granted), ..ProfileChange::default() }
    }

    #[test]
    fn what_is_not_said_stays() {
        let phone = Phone::parse("+4930901820").unwrap();
        let before = Profile { phone: Some(phone), ..ada() };
        assert_eq!(before.updated_by(ProfileChange::default(), now()), before);
        let change = ProfileChange {
            phone: Some(None),
            name: Some(Name::parse("Countess").unwrap()),
            ..ProfileChange::default()
        };
        let after = before.updated_by(change, now());
        assert_eq!((after.phone, after.name.as_str(), after.locale), (None, "Countess", before.locale));
    }

    #[test]
    fn consent_is_remembered_with_the_time_it_changed() {
        let (first, later, last) = (now(), now().plus_seconds(60), now().plus_seconds(120));
        let granted = ada().updated_by(consenting(true), first);
        let again = granted.updated_by(consenting(true), later);
        assert_eq!(again.marketing_consent, Some(MarketingConsent { granted: true, at: first }));
        let withdrawn = again.updated_by(consenting(false), last);
        assert_eq!(withdrawn.marketing_consent, Some(MarketingConsent { granted: false, at: last }));
    }

    #[test]
    fn a_new_address_is_told_with_the_old_one() {
        let moved = ada().moved_to("countess@example.com".parse().unwrap());
        let told = moved.updated(&ada());
        assert_eq!((told.email, told.old_email, told.since), (moved.email, Some(ada().email), Some(ada().created_at)));
        assert_eq!(ada().updated(&ada()).old_email, None);
    }
}

//! A shop with at most one product, for the tests of all who change it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use testkit::request::{self, RequestBuilder};

use super::*;
use crate::fixtures;
use crate::handlers::delete_product::{Removal, RemoveProduct};

/// The product as it is, and what was last written.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shop {
    stored: Rc<RefCell<Option<Stored>>>,
    saved: Rc<RefCell<Option<Edit>>>,
    fields: Rc<RefCell<Vec<String>>>,
    /// What happens between the first reading and writing: other staff edit the product, or somebody orders it.
    overtaken: Rc<Cell<Option<bool>>>,
    refusal: Option<NotSaved>,
}

impl Shop {
    pub(crate) fn with(stored: Stored) -> Self {
        Self { stored: Rc::new(RefCell::new(Some(stored))), ..Self::default() }
    }

    pub(crate) fn overtaken(self, by_staff: bool) -> Self {
        self.overtaken.set(Some(by_staff));
        self
    }

    pub(crate) fn refusing(self, refusal: NotSaved) -> Self {
        Self { refusal: Some(refusal), ..self }
    }

    pub(crate) fn deps(&self) -> Deps<Self> {
        Deps {
            catalog: self.clone(),
            staff: testkit::auth::staff(),
            currency: Currency::EUR,
            zone: fixtures::zone(),
            now: fixtures::now,
            new_id: fixtures::new_id,
        }
    }

    pub(crate) fn saved(&self) -> Option<Edit> {
        self.saved.borrow().clone()
    }

    /// The fields that the audit names.
    pub(crate) fn fields(&self) -> Vec<String> {
        self.fields.borrow().clone()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stored.borrow().is_none()
    }

    /// Whether somebody else was faster.
    fn is_raced(&self) -> bool {
        let Some(by_staff) = self.overtaken.take() else { return false };
        if let Some(stored) = self.stored.borrow_mut().as_mut() {
            if by_staff {
                stored.version += 1;
            } else {
                stored.offers[0].offer.ordered = true;
                stored.offers[0].version += 1;
            }
        }
        true
    }
}

impl LoadStored for Shop {
    async fn load_stored(&self, _: ProductId, _: &[Sku]) -> Result<Option<Stored>, StoreError> {
        Ok(self.stored.borrow().clone())
    }
}

impl SaveEdit for Shop {
    async fn save_edit(&self, saving: Saving<'_>) -> Result<(), WriteError<NotSaved>> {
        if self.is_raced() {
            return Err(WriteError::Refused(vec![NotSaved::Changed]));
        }
        if let Some(refusal) = &self.refusal {
            return Err(WriteError::Refused(vec![refusal.clone()]));
        }
        let after = Stored { version: saving.edit.version_after(), ..fixtures::stored(saving.edit.clone()) };
        self.stored.replace(Some(after));
        self.saved.replace(Some(saving.edit.clone()));
        self.fields.replace(saving.audit.fields.clone());
        Ok(())
    }
}

impl RemoveProduct for Shop {
    async fn remove_product(&self, removal: Removal<'_>) -> Result<(), WriteError<NotSaved>> {
        if self.is_raced() || self.stored.borrow().as_ref() != Some(removal.stored) {
            return Err(WriteError::Refused(vec![NotSaved::Changed]));
        }
        self.stored.replace(None);
        Ok(())
    }
}

/// A request by an admin about the product of [`fixtures`].
pub(crate) fn staff_request(method: &str, below: &str) -> RequestBuilder {
    let id = fixtures::stored_tea().product.id;
    let path = format!("/admin/products/{id}{below}");
    let request = match method {
        "PUT" => request::put(&path),
        "PATCH" => request::patch(&path),
        "POST" => request::post(&path),
        _ => request::delete(&path),
    };
    request.path_parameter("id", id).authorized(fixtures::STAFF, "[admin]")
}

//! Collections: what is in them page by page, the first page inside, so that one request is enough for most.

use serde::Serialize;
use serde_json::Value;

/// Where a collection is, and whose.
#[derive(Debug, Clone)]
pub(crate) struct Owned {
    pub(crate) id: String,
    pub(crate) owner: String,
}

/// What a collection has on a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    /// On all pages, as far as counting goes.
    pub(crate) total: i64,
    /// On this page.
    pub(crate) items: Vec<Value>,
    /// Whether another page follows.
    pub(crate) goes_on: bool,
}

/// A collection or a page of one.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Written {
    Whole(Whole),
    Page(Page),
}

/// A collection with its first page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Whole {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributed_to: String,
    total_items: i64,
    first: Page,
}

/// A page.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    attributed_to: String,
    part_of: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev: Option<String>,
    ordered_items: Vec<Value>,
}

/// A collection without order.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Set {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    total_items: i64,
    items: Vec<Value>,
}

/// A collection without order and entries.
pub(crate) fn empty_set(id: String) -> Set {
    Set {
        id,
        kind: "Collection",
        total_items: 0,
        items: Vec::new(),
    }
}

impl Owned {
    /// The collection, or the page of it with a number from 1.
    pub(crate) fn written(self, contents: Contents, page: Option<u32>) -> Written {
        match page {
            Some(number) => Written::Page(self.page(number, contents)),
            None => Written::Whole(Whole {
                kind: "OrderedCollection",
                attributed_to: self.owner.clone(),
                total_items: contents.total,
                first: self.page(1, contents),
                id: self.id,
            }),
        }
    }

    fn page(&self, number: u32, contents: Contents) -> Page {
        let address = |number: u32| format!("{}?page={number}", self.id);
        Page {
            id: address(number),
            kind: "OrderedCollectionPage",
            attributed_to: self.owner.clone(),
            part_of: self.id.clone(),
            next: contents.goes_on.then(|| address(number.saturating_add(1))),
            prev: number.checked_sub(1).filter(|before| *before > 0).map(address),
            ordered_items: contents.items,
        }
    }
}

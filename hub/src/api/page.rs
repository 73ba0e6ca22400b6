//! Lists: `{"items":[…],"next":"cursor"|null}`. A cursor is the id of the last row; clients do not look into it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::problem::Problem;
use crate::store::Page;

const DEFAULT_LIMIT: u16 = 100;
const MAX_LIMIT: u16 = 500;

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the list goes on; `null`: it does not.
    pub next: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows: 1 to 500, 100 by default.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u16>,
    /// The `next` of the part before.
    #[param(min_length = 1)]
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The part in the words of the store.
    ///
    /// # Errors
    /// 400 for a limit out of range or something that never was a cursor.
    pub fn page(&self) -> Result<Page, Problem> {
        page(self.limit, self.cursor.as_deref())
    }
}

/// As [`PageQuery::page`], for queries with more in them.
///
/// # Errors
/// 400 for a limit out of range or something that never was a cursor.
pub fn page(of: Option<u16>, cursor: Option<&str>) -> Result<Page, Problem> {
    let after = cursor.map(Uuid::parse_str).transpose().map_err(|_| no_cursor())?;
    Ok(Page { limit: limit(of)?, after })
}

/// How many rows a part has.
///
/// # Errors
/// 400 if it is out of range.
pub fn limit(of: Option<u16>) -> Result<u16, Problem> {
    let limit = of.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::invalid_field("limit", format!("limit is 1 to {MAX_LIMIT}")));
    }
    Ok(limit)
}

/// 400: something that never was a cursor of this list.
pub fn no_cursor() -> Problem {
    Problem::invalid_field("cursor", "cursor is the next of the part before")
}

impl<T> List<T> {
    /// Cuts the one row too many that tells whether the list goes on.
    pub fn cut(mut rows: Vec<T>, page: Page, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::from(page.limit);
        let goes_on = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| goes_on).map(|row| id(row).to_string());
        Self { items: rows, next }
    }

    /// The same list with every row in other words.
    pub fn map<U>(self, word: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(word).collect(), next: self.next }
    }
}

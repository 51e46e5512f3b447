//! What a client of MIGO sends: its token, in a body or as Bearer, and the fields or the address beside it.
//!
//! Left out: what the fields mean, which each question knows.

use axum::extract::Request;
use axum::http::{HeaderMap, Uri, header};
use chasqui_core::Ask;
use chasqui_migo::{Failure, request as wire};
use chasqui_types::{Dni, Ruc};

use super::refusal::Refusal;
use crate::app::Inner;
use crate::routes::compatible::{self, Fields};

/// The field that asks for a new answer. MIGO has none such, and its clients need not send it.
pub(super) const REFRESH: &str = "refresh";

/// The fields of a v1 request whose token is there.
pub(super) async fn read(inner: &Inner, request: Request) -> Result<(Ask, Fields), Refusal> {
    let (head, fields) = compatible::read(inner, request).await?;
    // MIGO takes a body that it cannot read for one without fields, and so misses the token.
    let fields = fields.unwrap_or_default();
    admit(fields.text(wire::TOKEN).filter(|token| !token.trim().is_empty()).or_else(|| bearer(&head.headers)))?;
    let ask = compatible::ask(&head, &fields, &[REFRESH]).map_err(|_| Refusal::bad_refresh())?;
    Ok((ask, fields))
}

/// A request whose token is in its head, and all it asks for in its address.
pub(super) fn read_head(request: Request) -> Result<(Ask, Uri), Refusal> {
    let (head, _) = request.into_parts();
    admit(bearer(&head.headers))?;
    let ask = compatible::ask(&head, &Fields::default(), &[]).map_err(|_| Refusal::bad_refresh())?;
    Ok((ask, head.uri))
}

/// With `auth = "off"`, the only rule that a server starts with today, any token will do, but one there must be.
pub(super) fn admit(token: Option<&str>) -> Result<(), Failure> {
    token.filter(|token| !token.trim().is_empty()).map(|_| ()).ok_or_else(Failure::unauthenticated)
}

pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The last part of an address as it stands there: what is written otherwise than in plain digits is no number.
pub(super) fn last_part(uri: &Uri) -> Option<&str> {
    uri.path().rsplit('/').next()
}

/// A RUC, refused in MIGO's words. `Ok(None)` are eleven digits that are no RUC: MIGO looks those up in vain, which
/// needs no call.
pub(super) fn ruc(number: Option<&str>) -> Result<Option<Ruc>, Failure> {
    let number = number.ok_or_else(|| Failure::invalid(wire::RUC, Failure::RUC_REQUIRED))?;
    if !is_digits(number, Ruc::LEN) {
        return Err(Failure::invalid(wire::RUC, Failure::RUC_INVALID));
    }
    Ok(number.parse().ok())
}

/// A DNI, refused in MIGO's words.
pub(super) fn dni(number: Option<&str>) -> Result<Dni, Failure> {
    let number = number.ok_or_else(|| Failure::invalid(wire::DNI, Failure::DNI_REQUIRED))?;
    number.parse().map_err(|_| Failure::invalid(wire::DNI, Failure::DNI_INVALID))
}

pub(super) fn is_digits(text: &str, n_digits: usize) -> bool {
    text.len() == n_digits && text.bytes().all(|letter| letter.is_ascii_digit())
}

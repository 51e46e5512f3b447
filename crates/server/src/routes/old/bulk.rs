//! `POST /api/ruc/consultar-masivo-async/`: many numbers, sorted by what became of them.
//!
//! The status is 200 even where nothing could be found out, because each number says so for itself under `errores`.
//! Left out: the rows of an answer as they arrive; the native `ruc/lookup` streams them.

use std::collections::HashSet;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use chasqui_core::{Many, RowOutcome};
use chasqui_types::Lookup;

use super::{Refusal, read};
use crate::app::Shared;
use crate::headers::Blend;
use crate::problem;
use crate::routes::compatible::{self, Fields, spanish};
use crate::wire::{Object, list};

/// The most numbers that one request takes.
const MAX_NUMBERS: usize = 10_000;

/// Rows by what became of them, each in the order of first appearance.
#[derive(Default)]
struct Sorted {
    found: Vec<Vec<u8>>,
    invalid: Vec<Vec<u8>>,
    unknown: Vec<Vec<u8>>,
}

pub(super) async fn many(State(shared): State<Shared>, request: Request) -> Result<Response, Refusal> {
    let runtime = shared.lookups.runtime();
    let started = runtime.now();
    let (ask, fields) = read(&shared, request).await?;
    let inputs = inputs(&fields)?;
    let many = Many { refresh: ask.refresh, patience: ask.patience, per_call: batch_size(&fields)? };
    let mut seen = HashSet::with_capacity(inputs.len());
    let distinct: Vec<&str> = inputs.iter().map(|input| input.trim()).filter(|input| seen.insert(*input)).collect();

    let rows = shared.lookups.taxpayers(&distinct, many);
    let effort = rows.effort();
    let (mut sorted, mut blend) = (Sorted::default(), Blend::default());
    let mut wait: Option<Duration> = None;
    for row in rows.in_order().await {
        match &row.outcome {
            RowOutcome::Answered(answer) => blend.add(answer),
            RowOutcome::Unknown(error) => wait = wait.max(problem::retry_after(error)),
            RowOutcome::Invalid(_) => {}
        }
        sorted.add(distinct[row.index], &row.outcome);
    }

    let n_found = sorted.found.len();
    let body = Object::with_capacity(sorted.size() + 512)
        .plain("success", true)
        .plain("total_consultados", inputs.len())
        .plain("exitosos", n_found)
        .plain("validos", n_found)
        .plain("invalidos", sorted.invalid.len())
        .plain("errores", sorted.unknown.len())
        .plain("duration_ms", (runtime.now() - started).as_millis())
        .plain("duplicates_removed", inputs.len() - distinct.len())
        .plain("cache_hits", effort.cache_hits())
        .plain("api_calls", effort.calls())
        // A batch that was refused before it was sent, by a limit or a rest, cost no call.
        .plain("batches_processed", effort.batches().min(effort.calls()))
        .json("data", &sorted.json())
        .finish();
    let mut response = compatible::json(StatusCode::OK, body);
    blend.describe(response.headers_mut());
    // Where some numbers were answered, asking all of them again at once would be a waste.
    if let Some(wait) = wait.filter(|_| sorted.unknown.len() == distinct.len()) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(problem::whole_seconds(wait)));
    }
    Ok(response)
}

fn inputs(fields: &Fields) -> Result<&[String], Refusal> {
    match fields.list("rucs") {
        Some(inputs) if inputs.len() > MAX_NUMBERS => Err(Refusal::bad_request(format!(
            "La lista de RUCs tiene {} elementos y no debe tener más de {MAX_NUMBERS}.",
            inputs.len()
        ))),
        Some(inputs) if !inputs.is_empty() => Ok(inputs),
        _ => Err(Refusal::bad_request("Lista de RUCs requerida")),
    }
}

/// Numbers in one upstream call: what is more than one call takes is brought down to that.
fn batch_size(fields: &Fields) -> Result<usize, Refusal> {
    if !fields.has("batch_size") {
        return Ok(Many::MAX_PER_CALL);
    }
    match fields.text("batch_size").and_then(|text| text.trim().parse::<usize>().ok()) {
        Some(size) if size > 0 => Ok(size.min(Many::MAX_PER_CALL)),
        _ => Err(Refusal::bad_request(format!("batch_size debe ser un número entero de 1 a {}.", Many::MAX_PER_CALL))),
    }
}

// === impl Sorted ===

impl Sorted {
    fn add(&mut self, input: &str, outcome: &RowOutcome) {
        let row = Object::with_capacity(128).text("ruc", input);
        let invalid = |row: Object, error: &str, subtype: &str| {
            row.text("error", error).text("type", "invalid").text("subtype", subtype).finish()
        };
        match outcome {
            RowOutcome::Invalid(reason) => {
                self.invalid.push(invalid(row, &spanish::bad_number(reason), "format"));
            }
            RowOutcome::Unknown(error) => {
                self.unknown.push(row.text("error", spanish::unknown(error)).text("type", "error").finish());
            }
            RowOutcome::Answered(answer) => match answer.taxpayer() {
                Lookup::Found(_) => {
                    let data = compatible::migo_object(answer).expect("a found answer has a body");
                    self.found.push(row.json("data", &data).finish());
                }
                Lookup::Absent(absence) => {
                    self.invalid.push(invalid(row, &spanish::absent(&absence.reason), "sunat"));
                }
            },
        }
    }

    fn json(&self) -> Vec<u8> {
        Object::with_capacity(self.size() + 64)
            .json("validos", &list(&self.found))
            .json("invalidos", &list(&self.invalid))
            .json("errores", &list(&self.unknown))
            .finish()
    }

    /// Bytes of all rows, with what parts them.
    fn size(&self) -> usize {
        [&self.found, &self.invalid, &self.unknown].into_iter().flatten().map(|row| row.len() + 1).sum()
    }
}

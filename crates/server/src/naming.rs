//! Which route a request went to, for the log: its template, never its path, which holds numbers.
//!
//! The templates are those of the description of the routes, so that no route has to name itself a second time.
//! Those of what is handed on to MIGO stand here, because what nobody here understands is not described.
//! Found only when a line is written, because most requests write none.

use crate::openapi::Documents;
use crate::routes::migo;

/// What stands in the log for a path that no template fits.
const NO_ROUTE: &str = "none";
/// What is handed on to MIGO, if no route of ours fits.
const HANDED_ON: [&str; 2] = ["/api/v1/{*rest}", "/api/v2/{*rest}"];
/// One taxpayer, or a word that is handed on.
const V1_RUC: &str = "/api/v1/ruc/{ruc}";

// === impl Documents ===

impl Documents {
    /// The template that fits a path best.
    pub(crate) fn template(&self, path: &str) -> &str {
        let path = if path == "/" { path } else { path.trim_end_matches('/') };
        let fitting = self.templates.iter().filter(|template| fits(template, path));
        let ours = fitting.min_by_key(|template| template.matches('{').count()).map(String::as_str);
        let is_word = path.rsplit('/').next().is_some_and(migo::is_word);
        let ours = ours.filter(|template| *template != V1_RUC || !is_word);
        ours.or_else(|| HANDED_ON.into_iter().find(|template| fits(template, path))).unwrap_or(NO_ROUTE)
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            // A template that ends in `{*rest}` takes whatever is left.
            (Some(piece), Some(_)) if piece.starts_with("{*") => return true,
            (Some(piece), Some(given)) if piece.starts_with('{') && !given.is_empty() => {}
            (Some(piece), Some(given)) if piece == given => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_named_by_the_template_that_fits_it_best() {
        let documents = Documents::render();
        for (path, template) in [
            ("/v1/ruc/20131312955", "/v1/ruc/{ruc}"),
            ("/v1/ruc/lookup", "/v1/ruc/lookup"),
            ("/v1/dni/10117410", "/v1/dni/{dni}"),
            ("/v1/rates/latest", "/v1/rates/latest"),
            ("/v1/rates/2026-11-20", "/v1/rates/{date}"),
            ("/api/ruc/consultar-async", "/api/ruc/consultar-async"),
            ("/api/ruc/consultar-async/", "/api/ruc/consultar-async"),
            ("/", "/"),
            ("/v1/ruc/20131312955/more", NO_ROUTE),
            ("/10117410", NO_ROUTE),
            ("/api/v1/ruc", "/api/v1/ruc"),
            ("/api/v1/ruc/20131312955", "/api/v1/ruc/{ruc}"),
            ("/api/v1/ruc/collection", "/api/v1/ruc/collection"),
            ("/api/v1/ruc/agentes-retencion", "/api/v1/{*rest}"),
            ("/api/v1/placa/ABC123", "/api/v1/{*rest}"),
            ("/api/v2/comisiones-afp/2026-01/", "/api/v2/{*rest}"),
            ("/api/v2/dni/10117410", "/api/v2/dni/{dni}"),
            ("/api/v1", NO_ROUTE),
            ("/api/v3/x", NO_ROUTE),
        ] {
            assert_eq!(documents.template(path), template);
        }
    }
}

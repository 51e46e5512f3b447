//! What a cell of the page's tables does, and with what: so that the cells of a row can be held against each other.
//!
//! A route, a command and an expression are reduced to their shapes, with `_` for each number and day.
//! Left out: doing it.

/// What the cells do, by their shapes: a route, a command, the methods that an expression calls.
const DOES: &[(&str, &[&str])] = &[
    ("account", &["GET /v1/account", "chasqui account", "account"]),
    ("taxpayer", &["GET /v1/ruc/_", "POST /api/ruc/consultar-async/", "chasqui ruc _", "taxpayer", "connect taxpayer"]),
    ("taxpayer anew", &["GET /v1/ruc/_?refresh=true", "chasqui ruc _ --refresh", "anew taxpayer"]),
    ("person", &["GET /v1/dni/_", "POST /api/dni/consultar-async/", "chasqui dni _", "person"]),
    ("last rate", &["GET /v1/rates/latest", "GET /api/tipo-cambio/", "chasqui rate", "latest_rate"]),
    ("last rate anew", &["GET /v1/rates/latest?refresh=true", "chasqui rate --refresh", "anew latest_rate"]),
    ("rate of a day", &["GET /v1/rates/_", "chasqui rate _", "rate_on"]),
    ("rates", &["GET /v1/rates?from=_&to=_", "chasqui rate _.._", "rates"]),
    ("representatives", &["GET /v1/ruc/_/representatives", "chasqui representatives _", "representatives"]),
    (
        "taxpayers",
        &[
            "POST /v1/ruc/lookup",
            "POST /v1/ruc/lookup?format=ndjson",
            "POST /api/ruc/consultar-masivo-async/",
            "chasqui ruc _ _",
            "chasqui batch _ _",
            "taxpayers",
        ],
    ),
    ("billing", &["GET /v1/ruc/_/billing", "chasqui billing _", "billing"]),
    ("billings", &["POST /v1/billing", "chasqui billing _ _", "billings"]),
    ("reach", &["GET /healthz", "chasqui doctor --no-calls", "connect"]),
    ("memory in numbers", &["GET /v1/cache/stats", "chasqui cache stats", "cache stats"]),
    ("memory's health", &["GET /v1/cache/health", "chasqui cache health", "cache health"]),
    ("clean", &["POST /v1/cache/clean", "chasqui cache clear --expired", "cache clean"]),
    ("forget", &["DELETE /v1/cache/ruc/_", "chasqui cache clear --ruc _", "cache forget"]),
    (
        "forget some",
        &[
            "DELETE /v1/cache?service=migo&kind=ruc",
            "DELETE /v1/cache?kind=dni",
            "chasqui cache clear --service migo --kind ruc",
            "chasqui cache clear --kind dni",
            "cache clear_some",
        ],
    ),
    ("forget all", &["DELETE /v1/cache", "chasqui cache clear", "cache clear"]),
    ("mark absent", &["PUT /v1/cache/absent/_", "chasqui cache absent add _", "cache mark_absent"]),
    ("show absent", &["GET /v1/cache/absent/_", "chasqui cache absent show _", "cache absent_number"]),
    ("list absent", &["GET /v1/cache/absent", "chasqui cache absent list", "cache absent"]),
    ("forget absent", &["DELETE /v1/cache/absent/_", "chasqui cache absent remove _", "cache forget_absent"]),
    ("forget all absent", &["DELETE /v1/cache/absent", "chasqui cache absent clear", "cache forget_all_absent"]),
];

/// What a cell does, and with what.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Deed {
    pub(super) does: &'static str,
    with: Vec<String>,
}

// === impl Deed ===

impl Deed {
    /// The numbers that the files of the page hold.
    const NUMBERS: &str = "20131312955 20100047218";

    #[track_caller]
    pub(super) fn of(cell: &str) -> Self {
        let cell = ["@numbers.txt", "clientes.csv", "numbers.lines()"]
            .iter()
            .fold(cell.to_owned(), |cell, file| cell.replace(file, Self::NUMBERS));
        let is_number = |part: &&str| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let parts = cell.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        let mut with: Vec<String> = parts.filter(is_number).map(str::to_owned).collect();
        let shape = with.iter().fold(cell.clone(), |shape, number| shape.replacen(number, "_", 1));
        for (word, spellings) in [
            ("of migo", ["service=migo", "--service migo", "Some(\"migo\")"]),
            ("taxpayers", ["kind=ruc", "--kind ruc", "Kind::Ruc"]),
            ("people", ["kind=dni", "--kind dni", "Kind::Dni"]),
            ("because", ["\"closed, seen on paper\"", "'closed, seen on paper'", "a reason"]),
        ] {
            with.extend(spellings.iter().any(|spelling| cell.contains(spelling)).then(|| word.to_owned()));
        }
        let shape = if shape.starts_with("chasqui ") {
            command(&shape)
        } else if shape.contains(" /") {
            shape.split(" {").next().expect("a split has a first part").to_owned()
        } else {
            calls(&shape)
        };
        let does = DOES.iter().find(|(_, shapes)| shapes.contains(&shape.as_str()));
        let (does, _) = does.unwrap_or_else(|| panic!("{cell}: nothing is known of `{shape}`"));
        Self { does, with }
    }
}

/// A command without what changes only how it says or keeps what it does.
fn command(text: &str) -> String {
    let mut kept: Vec<String> = Vec::new();
    let mut words = words(text).into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--format" | "--reason" | "--ttl" => drop(words.next()),
            "--force" => {}
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

/// The methods that an expression calls, but for those that only unpack.
fn calls(text: &str) -> String {
    const UNPACK: &[&str] = &["collect_in_order", "next", "may_be_invoiced", "is_some", "parse", "Some"];
    let pieces: Vec<&str> = text.split('(').collect();
    let named = pieces[..pieces.len() - 1].iter().filter_map(|piece| piece.rsplit(|c: char| !is_of_name(c)).next());
    named.filter(|name| !name.is_empty() && !UNPACK.contains(name)).collect::<Vec<_>>().join(" ")
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Words apart by blanks, of which those in apostrophes are one.
pub(super) fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    parts
        .flat_map(|(n, part)| match n % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

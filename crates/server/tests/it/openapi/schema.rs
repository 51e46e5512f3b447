//! As much of JSON Schema as the document uses, stricter in one point: a member that is not described is an error.

use serde_json::{Map, Value};

/// An OpenAPI document.
pub(super) struct Document(pub(super) Value);

// === impl Document ===

impl Document {
    /// Whether `value` is as `schema` says.
    pub(super) fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let schema = self.resolve(schema);
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema[choice].as_array() {
                let refusals: Vec<String> =
                    choices.iter().filter_map(|choice| self.check(choice, value).err()).collect();
                let fits = refusals.len() < choices.len();
                return if fits { Ok(()) } else { Err(format!("none fits: {}", refusals.join("; or "))) };
            }
        }
        check_type(schema, value)?;
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            return Err(format!("{value} is not one of {}", schema["enum"]));
        }
        match value {
            Value::Object(members) => self.check_members(schema, members),
            Value::Array(items) => {
                items.iter().try_for_each(|item| self.check(&schema["items"], item).map_err(|why| format!("[]: {why}")))
            }
            _ => Ok(()),
        }
    }

    /// A value as the schema's examples say.
    pub(super) fn example(&self, schema: &Value) -> Value {
        let schema = self.resolve(schema);
        if let Some(choice) = schema["oneOf"].as_array().and_then(|choices| choices.last()) {
            return self.example(choice);
        }
        if !schema["example"].is_null() {
            return schema["example"].clone();
        }
        let (properties, _) = self.members(schema);
        properties.iter().map(|(name, schema)| (name.clone(), self.example(schema))).collect::<Map<_, _>>().into()
    }

    fn check_members(&self, schema: &Value, members: &Map<String, Value>) -> Result<(), String> {
        let (properties, required) = self.members(schema);
        if let Some(missing) = required.iter().find(|name| !members.contains_key(*name)) {
            return Err(format!("{missing} is missing"));
        }
        for (name, value) in members {
            let about = match properties.get(name) {
                Some(property) => property,
                None if schema["additionalProperties"].is_object() => &schema["additionalProperties"],
                None if properties.is_empty() => continue,
                None => return Err(format!("{name} is not described")),
            };
            self.check(about, value).map_err(|why| format!("{name}: {why}"))?;
        }
        Ok(())
    }

    /// The members of an object and the names of those that it must have, parts of `allOf` included.
    fn members(&self, schema: &Value) -> (Map<String, Value>, Vec<String>) {
        let mut properties = schema["properties"].as_object().cloned().unwrap_or_default();
        let mut required: Vec<String> = serde_json::from_value(schema["required"].clone()).unwrap_or_default();
        for part in schema["allOf"].as_array().into_iter().flatten() {
            let (more, names) = self.members(self.resolve(part));
            properties.extend(more);
            required.extend(names);
        }
        (properties, required)
    }

    /// What a reference points to.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => self.resolve(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }
}

fn check_type(schema: &Value, value: &Value) -> Result<(), String> {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(word) => vec![word],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let fits = types.iter().any(|word| match *word {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    });
    if fits { Ok(()) } else { Err(format!("{value} is no {}", types.join(" or "))) }
}

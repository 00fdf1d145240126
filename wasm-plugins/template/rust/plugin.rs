//! @NAME@: {"name": "Ada"} becomes {"greeting": "Hello, Ada!"}
mod noetl;
use noetl::{object, Call, Error, Json};

fn execute(call: &Call) -> Result<Json, Error> {
    let name = call.input().get("name").and_then(Json::as_str);
    let name = name.ok_or_else(|| Error::new("bad_input", "expected name as a string"))?;
    Ok(object([("greeting", format!("Hello, {name}!"))]))
}

noetl::export!(execute);

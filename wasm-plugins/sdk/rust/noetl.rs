//! noetl.rs: write a NoETL plug-in in Rust (ABI noetl.v1), without a crate.
//!
//! A plug-in names a function from a call to a result. Ten lines are enough:
//!
//! ```ignore
//! mod noetl;
//! use noetl::{object, Call, Error, Json};
//!
//! fn execute(call: &Call) -> Result<Json, Error> {
//!     let name = call.input().get("name").and_then(Json::as_str);
//!     let name = name.ok_or_else(|| Error::new("bad_input", "expected name as a string"))?;
//!     Ok(object([("greeting", format!("Hello, {name}!"))]))
//! }
//!
//! noetl::export!(execute);
//! ```
//!
//! A panic ends the call as a trap; its message is in the plug-in's log.
#![allow(dead_code)]

use std::fmt::{self, Write};

// What the guest and the host say to each other.
#[link(wasm_import_module = "noetl.v1")]
extern "C" {
    fn host_input(pointer: *mut u8, capacity: usize) -> i32;
    fn host_output(pointer: *const u8, length: usize);
    fn host_reply(pointer: *mut u8, capacity: usize) -> i32;
    fn host_log(level: i32, pointer: *const u8, length: usize);

    // These need a grant. Only those that a plug-in calls end up in its list of imports.
    fn host_put_event(pointer: *const u8, length: usize) -> i32;
    fn host_get_credential(pointer: *const u8, length: usize) -> i32;
    fn host_query_pg(pointer: *const u8, length: usize) -> i32;
    fn host_read_event_log(pointer: *const u8, length: usize) -> i32;
    fn host_mutate_catalog(pointer: *const u8, length: usize) -> i32;
    fn host_system_call(pointer: *const u8, length: usize) -> i32;
}

/// Exports `execute`, which runs the given `fn(&Call) -> Result<Json, Error>`.
macro_rules! export {
    ($execute:path) => {
        #[export_name = "execute"]
        pub extern "C" fn noetl_execute(input_len: i32) -> i32 {
            noetl::run(input_len, $execute)
        }
    };
}
pub(crate) use export;

/// For [`export!`].
pub fn run(input_len: i32, execute: impl Fn(&Call) -> Result<Json, Error>) -> i32 {
    std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string())));
    let call = Call::read(input_len as usize);
    let (document, code) = match execute(&call) {
        Ok(result) => (result, 0),
        Err(error) => (error.document(), 1),
    };
    let text = document.to_string();
    // The host copies the bytes before this returns.
    unsafe { host_output(text.as_ptr(), text.len()) };
    code
}

/// One call of the plug-in.
pub struct Call {
    document: Json,
}

impl Call {
    fn read(length: usize) -> Call {
        let mut bytes = vec![0; length];
        unsafe { host_input(bytes.as_mut_ptr(), length) };
        let text = String::from_utf8(bytes).expect("the host serves UTF-8");
        Call { document: Json::parse(&text).expect("the host serves JSON") }
    }

    /// The input of the step.
    pub fn input(&self) -> &Json {
        self.document.get("input").unwrap_or(&Json::Null)
    }

    /// Everything: `execution_id`, `step`, `attempt`, `now`, `seed`, `input` and more.
    pub fn document(&self) -> &Json {
        &self.document
    }
}

/// A soft error: the step's `output.error`.
pub struct Error {
    code: String,
    message: String,
    retryable: bool,
}

impl Error {
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Error {
        Error { code: code.into(), message: message.into(), retryable: false }
    }

    /// The step's policy may try again.
    pub fn retryable(self) -> Error {
        Error { retryable: true, ..self }
    }

    fn document(self) -> Json {
        Json::Object(vec![
            ("code".into(), self.code.into()),
            ("message".into(), self.message.into()),
            ("retryable".into(), self.retryable.into()),
        ])
    }
}

#[derive(Clone, Copy)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

pub fn log(level: Level, text: &str) {
    unsafe { host_log(level as i32, text.as_ptr(), text.len()) };
}

/// Why the host refused: its code below 0, and the document `{"code", "message", "retryable"}`.
#[derive(Debug)]
pub struct Refusal {
    pub code: i32,
    pub detail: Json,
}

type Reply = Result<Json, Refusal>;

fn ask(function: unsafe extern "C" fn(*const u8, usize) -> i32, request: &Json) -> Reply {
    let text = request.to_string();
    let code = unsafe { function(text.as_ptr(), text.len()) };
    let length = unsafe { host_reply(std::ptr::null_mut(), 0) } as usize;
    let mut bytes = vec![0; length];
    unsafe { host_reply(bytes.as_mut_ptr(), length) };
    let document = String::from_utf8(bytes).ok().and_then(|text| Json::parse(&text).ok());
    let document = document.unwrap_or(Json::Null);
    if code >= 0 {
        Ok(document)
    } else {
        Err(Refusal { code, detail: document })
    }
}

/// Records a custom event of the plug-in's own execution; the reply is `{"event_id"}`.
pub fn put_event(event_type: &str, context: Json) -> Reply {
    let envelope = object([("event_type", event_type.into()), ("context", context)]);
    ask(host_put_event, &object([("envelope", envelope)]))
}

/// Request `{"name"}`.
pub fn get_credential(request: &Json) -> Reply {
    ask(host_get_credential, request)
}

/// Request `{"sql", "params"}`.
pub fn query_pg(request: &Json) -> Reply {
    ask(host_query_pg, request)
}

/// Request `{"execution_id"?, "after_id"?}`.
pub fn read_event_log(request: &Json) -> Reply {
    ask(host_read_event_log, request)
}

/// Request `{"path", "yaml"}`.
pub fn mutate_catalog(request: &Json) -> Reply {
    ask(host_mutate_catalog, request)
}

/// Request `{"name", "args"}`.
pub fn system_call(request: &Json) -> Reply {
    ask(host_system_call, request)
}

/// A JSON document. `to_string` writes it; a number is kept as it was written.
#[derive(Clone, Debug, PartialEq)]
pub enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// An object of these members, in this order.
pub fn object<V: Into<Json>, const N: usize>(members: [(&str, V); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
}

impl Json {
    /// The member of an object.
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(members) => members.iter().find(|member| member.0 == name).map(|m| &m.1),
            _ => None,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// None when it is no whole number of 64 bits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&[Json]> {
        match self {
            Json::Array(values) => Some(values),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&[(String, Json)]> {
        match self {
            Json::Object(members) => Some(members),
            _ => None,
        }
    }

    /// Reads a document; the error says at which byte it is none.
    pub fn parse(text: &str) -> Result<Json, String> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0)?;
        reader.blank();
        if reader.at < text.len() {
            return Err(reader.expected("the end"));
        }
        Ok(value)
    }
}

macro_rules! json_from {
    ($($type:ty => $value:ident $json:expr),* $(,)?) => {
        $(impl From<$type> for Json {
            fn from($value: $type) -> Json {
                $json
            }
        })*
    };
}

json_from! {
    &str => value Json::String(value.into()),
    String => value Json::String(value),
    bool => value Json::Bool(value),
    i32 => value Json::Number(value.to_string()),
    u32 => value Json::Number(value.to_string()),
    i64 => value Json::Number(value.to_string()),
    u64 => value Json::Number(value.to_string()),
    usize => value Json::Number(value.to_string()),
    // JSON knows neither infinity nor what is no number.
    f64 => value if value.is_finite() { Json::Number(value.to_string()) } else { Json::Null },
}

impl<V: Into<Json>> From<Vec<V>> for Json {
    fn from(values: Vec<V>) -> Json {
        Json::Array(values.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => out.write_str("null"),
            Json::Bool(true) => out.write_str("true"),
            Json::Bool(false) => out.write_str("false"),
            Json::Number(text) => out.write_str(text),
            Json::String(text) => quoted(out, text),
            Json::Array(values) => {
                out.write_char('[')?;
                for (i, value) in values.iter().enumerate() {
                    if i > 0 {
                        out.write_char(',')?;
                    }
                    value.fmt(out)?;
                }
                out.write_char(']')
            }
            Json::Object(members) => {
                out.write_char('{')?;
                for (i, (name, value)) in members.iter().enumerate() {
                    if i > 0 {
                        out.write_char(',')?;
                    }
                    quoted(out, name)?;
                    out.write_char(':')?;
                    value.fmt(out)?;
                }
                out.write_char('}')
            }
        }
    }
}

fn quoted(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte != b'"' && byte != b'\\' && byte >= 0x20 {
            continue;
        }
        out.write_str(&text[from..at])?;
        from = at + 1;
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            _ => write!(out, "\\u{byte:04x}")?,
        }
    }
    out.write_str(&text[from..])?;
    out.write_char('"')
}

/// Deepest document that is read.
const NESTING: usize = 128;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn expected(&self, what: &str) -> String {
        format!("expected {what} at byte {}", self.at)
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn blank(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\t' | b'\r') {
            self.at += 1;
        }
    }

    fn skip(&mut self, text: &str) -> Result<(), String> {
        if !self.text[self.at..].starts_with(text) {
            return Err(self.expected(text));
        }
        self.at += text.len();
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > NESTING {
            return Err(self.expected("a document of less depth"));
        }
        self.blank();
        match self.peek() {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Json::String),
            b't' => self.skip("true").map(|_| Json::Bool(true)),
            b'f' => self.skip("false").map(|_| Json::Bool(false)),
            b'n' => self.skip("null").map(|_| Json::Null),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Result<Json, String> {
        let from = self.at;
        while matches!(self.peek(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.at += 1;
        }
        if from == self.at {
            return Err(self.expected("a value"));
        }
        Ok(Json::Number(self.text[from..self.at].into()))
    }

    fn array(&mut self, depth: usize) -> Result<Json, String> {
        self.skip("[")?;
        self.blank();
        let mut values = Vec::new();
        if self.peek() == b']' {
            self.at += 1;
            return Ok(Json::Array(values));
        }
        loop {
            values.push(self.value(depth + 1)?);
            self.blank();
            if self.peek() == b',' {
                self.at += 1;
            } else {
                self.skip("]")?;
                return Ok(Json::Array(values));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, String> {
        self.skip("{")?;
        self.blank();
        let mut members = Vec::new();
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(Json::Object(members));
        }
        loop {
            self.blank();
            let name = self.string()?;
            self.blank();
            self.skip(":")?;
            members.push((name, self.value(depth + 1)?));
            self.blank();
            if self.peek() == b',' {
                self.at += 1;
            } else {
                self.skip("}")?;
                return Ok(Json::Object(members));
            }
        }
    }

    fn string(&mut self) -> Result<String, String> {
        self.skip("\"")?;
        let mut text = String::new();
        loop {
            let from = self.at;
            while self.at < self.text.len() && !matches!(self.peek(), b'"' | b'\\') {
                self.at += 1;
            }
            text.push_str(&self.text[from..self.at]);
            if self.at >= self.text.len() {
                return Err(self.expected("the end of a string"));
            }
            self.at += 1;
            if self.text.as_bytes()[self.at - 1] == b'"' {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    /// What stands after a backslash; half a surrogate pair becomes U+FFFD.
    fn escape(&mut self) -> Result<char, String> {
        let letter = self.peek();
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => letter as char,
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'u' => {
                let unit = self.hex()?;
                if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
                    let back = self.at;
                    self.at += 2;
                    let low = self.hex()?;
                    if (0xdc00..0xe000).contains(&low) {
                        let point = 0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00));
                        return Ok(char::from_u32(point).unwrap_or('\u{fffd}'));
                    }
                    self.at = back;
                }
                char::from_u32(unit).unwrap_or('\u{fffd}')
            }
            _ => return Err(self.expected("an escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, String> {
        let digits = self.text.get(self.at..self.at + 4);
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        self.at += 4;
        unit.ok_or_else(|| "expected four hexadecimal digits".into())
    }
}

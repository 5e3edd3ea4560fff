//! What the author of a mechtron in Rust imports. It depends on nothing.
//!
//! ```ignore
//! use orrery_guest::{Reply, Request};
//! fn answer(request: Request) -> Reply { Reply::of(request.body) }
//! orrery_guest::mechtron!(answer);
//! ```

/// A message to a mechtron, or from one to a service.
#[derive(Default)]
pub struct Request {
    /// Empty for a request of HTTP.
    pub service: String,
    pub method: String,
    /// Path and query of a request of HTTP.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub content_type: String,
    pub body: Vec<u8>,
    /// On whose behalf it was sent.
    pub agent: String,
    /// The host's time in ms since 1970.
    pub now_ms: u64,
    /// Time that is left for the answer, in ms; 0 for none given.
    pub budget_ms: u32,
}

/// Why there is no answer.
#[derive(Default)]
pub struct Failure {
    /// A code of Connect's list, such as not_found.
    pub code: String,
    pub message: String,
    /// A reason of Orrery's own, such as call_cycle.
    pub reason: String,
    /// Plain JSON; empty for none.
    pub details: String,
    /// Whether what failed was certainly not executed, or has certainly ended.
    pub definite: bool,
}

/// The answer to a request.
#[derive(Default)]
pub struct Reply {
    /// Status of an answer to HTTP; 0 means 200.
    pub status: u32,
    pub headers: Vec<(String, String)>,
    pub content_type: String,
    pub body: Vec<u8>,
    pub failure: Option<Failure>,
    /// The host's time, in answers to calls.
    pub now_ms: u64,
}

const OCTETS: &str = "application/octet-stream";

impl Reply {
    /// A reply with a body.
    pub fn of(body: Vec<u8>) -> Reply {
        Reply { body, content_type: OCTETS.to_string(), ..Default::default() }
    }

    /// A reply that says why there is none.
    pub fn failed(code: &str, message: &str) -> Reply {
        let failure = Failure { code: code.to_string(), message: message.to_string(), definite: true, ..Default::default() };
        Reply { failure: Some(failure), ..Default::default() }
    }
}

/// Severity of a line.
#[derive(Clone, Copy)]
pub enum Level {
    Debug = 0,
    Info = 1,
    Warn = 2,
    Error = 3,
}

#[cfg(target_arch = "wasm32")]
mod host {
    #[link(wasm_import_module = "orrery")]
    extern "C" {
        pub fn call(pointer: *const u8, length: usize) -> u64;
        pub fn log(level: u32, pointer: *const u8, length: usize);
    }
}

/// Writes a line.
#[cfg(target_arch = "wasm32")]
pub fn log(level: Level, text: &str) {
    unsafe { host::log(level as u32, text.as_ptr(), text.len()) }
}

/// Calls a method of a service with bytes; a reply with a failure says why it failed.
#[cfg(target_arch = "wasm32")]
pub fn call(service: &str, method: &str, body: Vec<u8>) -> Reply {
    let request = Request {
        service: service.to_string(),
        method: method.to_string(),
        content_type: OCTETS.to_string(),
        body,
        ..Default::default()
    };
    call_with(&request)
}

/// Calls what a whole request says.
#[cfg(target_arch = "wasm32")]
pub fn call_with(request: &Request) -> Reply {
    let bytes = write_request(request);
    let packed = unsafe { host::call(bytes.as_ptr(), bytes.len()) };
    let answer = unsafe { taken((packed >> 32) as usize, (packed & 0xffff_ffff) as usize) };
    read_reply(&answer).unwrap_or_else(|| Reply::failed("internal", "Cannot read the answer to a call"))
}

/// The value of a key of the state; a failure `not_found` says that there is none.
#[cfg(target_arch = "wasm32")]
pub fn state_get(key: &str) -> Result<Vec<u8>, Failure> {
    ask_state("get", key, Vec::new())
}

/// Sets a key of the state. It is safe once the message has ended well.
#[cfg(target_arch = "wasm32")]
pub fn state_set(key: &str, value: Vec<u8>) -> Result<(), Failure> {
    ask_state("set", key, value).map(|_| ())
}

/// Forgets a key of the state.
#[cfg(target_arch = "wasm32")]
pub fn state_delete(key: &str) -> Result<(), Failure> {
    ask_state("delete", key, Vec::new()).map(|_| ())
}

#[cfg(target_arch = "wasm32")]
fn ask_state(method: &str, key: &str, body: Vec<u8>) -> Result<Vec<u8>, Failure> {
    let reply = call_with(&Request {
        service: "orrery.state".to_string(),
        method: method.to_string(),
        path: key.to_string(),
        content_type: OCTETS.to_string(),
        body,
        ..Default::default()
    });
    match reply.failure {
        Some(failure) => Err(failure),
        None => Ok(reply.body),
    }
}

/// Gives memory for what the host hands over.
pub fn alloc(length: usize) -> usize {
    Box::into_raw(vec![0u8; length].into_boxed_slice()) as *mut u8 as usize
}

/// Takes over memory that `alloc` gave.
///
/// # Safety
/// `pointer` and `length` must be of one `alloc`, or of what `handle` left.
pub unsafe fn taken(pointer: usize, length: usize) -> Vec<u8> {
    Vec::from(Box::from_raw(std::slice::from_raw_parts_mut(pointer as *mut u8, length)))
}

/// Answers one message of the host's.
pub fn handle(pointer: usize, length: usize, answer: fn(Request) -> Reply) -> u64 {
    let bytes = unsafe { taken(pointer, length) };
    let reply = match read_request(&bytes) {
        Some(request) => answer(request),
        None => Reply::failed("invalid_argument", "Cannot read the request"),
    };
    let written = write_reply(&reply).into_boxed_slice();
    let length = written.len() as u64;
    ((Box::into_raw(written) as *mut u8 as u64) << 32) | length
}

/// Makes a mechtron of a function from `Request` to `Reply`.
#[macro_export]
macro_rules! mechtron {
    ($answer:path) => {
        #[no_mangle]
        pub extern "C" fn orrery_abi() -> u32 {
            1
        }
        #[no_mangle]
        pub extern "C" fn orrery_alloc(length: usize) -> usize {
            $crate::alloc(length)
        }
        #[no_mangle]
        pub extern "C" fn orrery_free(pointer: usize, length: usize) {
            drop(unsafe { $crate::taken(pointer, length) })
        }
        #[no_mangle]
        pub extern "C" fn orrery_handle(pointer: usize, length: usize) -> u64 {
            $crate::handle(pointer, length, $answer)
        }
    };
}

/// Writes a request.
pub fn write_request(request: &Request) -> Vec<u8> {
    let mut out = Vec::new();
    put_text(&mut out, 1, &request.service);
    put_text(&mut out, 2, &request.method);
    put_text(&mut out, 3, &request.path);
    put_headers(&mut out, 4, &request.headers);
    put_text(&mut out, 5, &request.content_type);
    put_bytes(&mut out, 6, &request.body);
    out
}

/// Writes a reply.
pub fn write_reply(reply: &Reply) -> Vec<u8> {
    let mut out = Vec::new();
    put_number(&mut out, 1, reply.status as u64);
    put_headers(&mut out, 2, &reply.headers);
    put_text(&mut out, 3, &reply.content_type);
    put_bytes(&mut out, 4, &reply.body);
    if let Some(failure) = &reply.failure {
        let mut inner = Vec::new();
        put_text(&mut inner, 1, &failure.code);
        put_text(&mut inner, 2, &failure.message);
        put_text(&mut inner, 3, &failure.reason);
        put_text(&mut inner, 4, &failure.details);
        put_number(&mut inner, 5, failure.definite as u64);
        put_block(&mut out, 5, &inner);
    }
    out
}

/// Reads a request; none where it cannot be read.
pub fn read_request(bytes: &[u8]) -> Option<Request> {
    let mut request = Request::default();
    let mut fields = Fields { bytes, at: 0 };
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Block(block)) => request.service = text_of(block)?,
            (2, Value::Block(block)) => request.method = text_of(block)?,
            (3, Value::Block(block)) => request.path = text_of(block)?,
            (4, Value::Block(block)) => request.headers.push(read_header(block)?),
            (5, Value::Block(block)) => request.content_type = text_of(block)?,
            (6, Value::Block(block)) => request.body = block.to_vec(),
            (7, Value::Block(block)) => request.agent = text_of(block)?,
            (8, Value::Number(number)) => request.now_ms = number,
            (9, Value::Number(number)) => request.budget_ms = number as u32,
            _ => {}
        }
    }
    Some(request)
}

/// Reads a reply; none where it cannot be read.
pub fn read_reply(bytes: &[u8]) -> Option<Reply> {
    let mut reply = Reply::default();
    let mut fields = Fields { bytes, at: 0 };
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Number(number)) => reply.status = number as u32,
            (2, Value::Block(block)) => reply.headers.push(read_header(block)?),
            (3, Value::Block(block)) => reply.content_type = text_of(block)?,
            (4, Value::Block(block)) => reply.body = block.to_vec(),
            (5, Value::Block(block)) => reply.failure = Some(read_failure(block)?),
            (6, Value::Number(number)) => reply.now_ms = number,
            _ => {}
        }
    }
    Some(reply)
}

fn read_header(bytes: &[u8]) -> Option<(String, String)> {
    let mut header = (String::new(), String::new());
    let mut fields = Fields { bytes, at: 0 };
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Block(block)) => header.0 = text_of(block)?,
            (2, Value::Block(block)) => header.1 = text_of(block)?,
            _ => {}
        }
    }
    Some(header)
}

fn read_failure(bytes: &[u8]) -> Option<Failure> {
    let mut failure = Failure::default();
    let mut fields = Fields { bytes, at: 0 };
    while let Some((field, value)) = fields.next()? {
        match (field, value) {
            (1, Value::Block(block)) => failure.code = text_of(block)?,
            (2, Value::Block(block)) => failure.message = text_of(block)?,
            (3, Value::Block(block)) => failure.reason = text_of(block)?,
            (4, Value::Block(block)) => failure.details = text_of(block)?,
            (5, Value::Number(number)) => failure.definite = number != 0,
            _ => {}
        }
    }
    Some(failure)
}

enum Value<'a> {
    Number(u64),
    Block(&'a [u8]),
    Other,
}

struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    /// The next field; `Some(None)` at the end, `None` where the bytes are wrong.
    fn next(&mut self) -> Option<Option<(u64, Value<'a>)>> {
        if self.at == self.bytes.len() {
            return Some(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => {
                let length = self.varint()? as usize;
                Value::Block(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Other)?,
            _ => return None,
        };
        Some(Some((tag >> 3, value)))
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let block = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(block)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= ((byte & 127) as u64) << shift;
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }
}

fn text_of(block: &[u8]) -> Option<String> {
    String::from_utf8(block.to_vec()).ok()
}

fn put_headers(out: &mut Vec<u8>, field: u64, headers: &[(String, String)]) {
    for (name, value) in headers {
        let mut inner = Vec::new();
        put_text(&mut inner, 1, name);
        put_text(&mut inner, 2, value);
        put_block(out, field, &inner);
    }
}

fn put_text(out: &mut Vec<u8>, field: u64, text: &str) {
    put_bytes(out, field, text.as_bytes());
}

fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_block(out, field, bytes);
    }
}

fn put_block(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, field << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn put_number(out: &mut Vec<u8>, field: u64, value: u64) {
    if value != 0 {
        put_varint(out, field << 3);
        put_varint(out, value);
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value > 127 {
        out.push((value & 127 | 128) as u8);
        value >>= 7;
    }
    out.push(value as u8);
}

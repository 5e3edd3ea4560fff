//! The mechtron that the conformance suite asks, in Rust.
use orrery_guest::{call, log, state_delete, state_get, state_set, Level, Reply, Request};

fn answer(request: Request) -> Reply {
    if request.service.is_empty() {
        return page(request);
    }
    match request.method.as_str() {
        "echo" => Reply::of(request.body),
        "reverse" => Reply::of(request.body.into_iter().rev().collect()),
        "agent" => Reply::of(request.agent.into_bytes()),
        "now" => Reply::of(request.now_ms.to_string().into_bytes()),
        "fail" => Reply::failed("not_found", &format!("Cannot find \"{}\": no such thing", text(&request.body))),
        "relay" => call("peer", "double", request.body),
        "relayThrice" => {
            let twice = call("peer", "double", call("peer", "double", request.body).body);
            call("peer", "double", twice.body)
        }
        "remember" => remember(request.body),
        "log" => {
            for level in [Level::Debug, Level::Info, Level::Warn, Level::Error] {
                log(level, &text(&request.body));
            }
            Reply::default()
        }
        method => {
            let name = format!("{}.{}", request.service, method);
            Reply::failed("unimplemented", &format!("Cannot answer \"{}\": the mechtron has no such method", name))
        }
    }
}

/// Gives what was remembered last, and remembers the body; forgets where there is none.
fn remember(body: Vec<u8>) -> Reply {
    let last = state_get("last").unwrap_or_else(|_| b"nothing".to_vec());
    let changed = if body.is_empty() { state_delete("last") } else { state_set("last", body) };
    match changed {
        Err(failure) => Reply { failure: Some(failure), ..Default::default() },
        Ok(()) => Reply::of(last),
    }
}

fn page(request: Request) -> Reply {
    let mut headers = request.headers;
    headers.push(("x-guest".to_string(), "yes".to_string()));
    let body = format!("{} {} {}", request.method, request.path, text(&request.body)).into_bytes();
    Reply { status: 201, headers, content_type: "text/plain".to_string(), body, ..Default::default() }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

orrery_guest::mechtron!(answer);

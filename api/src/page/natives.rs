//! The functions that `frontend/adapter/web` calls: each is the hard part of a web API.

use rquickjs::{Ctx, Error, Exception, FromJs, Function, Object, Result, TypedArray, Value, prelude::This};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::rc::Rc;
use url::Url;

/// Answers a `fetch` of a page: a JSON request in, a JSON response out.
pub(super) type FetchText = Rc<dyn Fn(&str) -> String>;

/// The most that `crypto.getRandomValues` may ask for, as on the web.
const MOST_RANDOM_BYTES: usize = 65_536;
/// The most characters of one line in the log.
const MOST_LOGGED: usize = 2_000;

/// Puts the functions into the global object.
pub(super) fn install(ctx: &Ctx<'_>, fetch: FetchText) -> Result<()> {
    let globals = ctx.globals();
    let fetch = move |Text(request): Text| fetch(&request);
    let url = |Text(href): Text, Text(base): Text| parse_url(&href, &base);
    globals.set("__fetch", Function::new(ctx.clone(), fetch)?)?;
    globals.set("__url", Function::new(ctx.clone(), url)?)?;
    globals.set("__log", Function::new(ctx.clone(), log)?)?;
    globals.set("__encode", Function::new(ctx.clone(), encode)?)?;
    globals.set("__random", Function::new(ctx.clone(), random)?)?;
    globals.set("__sha256", Function::new(ctx.clone(), sha256)?)
}

/// A text of JavaScript. Half of a surrogate pair, which a careless cut leaves behind, becomes U+FFFD.
pub(super) struct Text(pub(super) String);

impl<'js> FromJs<'js> for Text {
    fn from_js(ctx: &Ctx<'js>, value: Value<'js>) -> Result<Self> {
        let text = rquickjs::String::from_value(value)?;
        match text.to_string() {
            Err(Error::Utf8(_)) => {
                let prototype: Object = ctx.globals().get::<_, Object>("String")?.get("prototype")?;
                let repair: Function = prototype.get("toWellFormed")?;
                repair.call::<_, String>((This(text),)).map(Self)
            }
            other => other.map(Self),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a native function")]
fn log(level: Text, text: Text) {
    let text: String = text.0.chars().take(MOST_LOGGED).collect();
    match level.0.as_str() {
        "error" => tracing::error!(target: "page", "{text}"),
        "warn" => tracing::warn!(target: "page", "{text}"),
        "info" | "log" => tracing::info!(target: "page", "{text}"),
        _ => tracing::debug!(target: "page", "{text}"),
    }
}

fn encode(ctx: Ctx<'_>, text: Text) -> Result<TypedArray<'_, u8>> {
    TypedArray::new(ctx, text.0.into_bytes())
}

fn random(ctx: Ctx<'_>, length: usize) -> Result<TypedArray<'_, u8>> {
    if length > MOST_RANDOM_BYTES {
        return Err(Exception::throw_range(&ctx, "too many random bytes at once"));
    }
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(|error| Exception::throw_message(&ctx, &error.to_string()))?;
    TypedArray::new(ctx, bytes)
}

fn sha256(ctx: Ctx<'_>, text: Text) -> Result<TypedArray<'_, u8>> {
    TypedArray::new(ctx, Sha256::digest(text.0).to_vec())
}

/// The parts of a URL as JSON, or the empty text where it is none.
fn parse_url(href: &str, base: &str) -> String {
    let parsed = match base {
        "" => Url::parse(href),
        base => Url::parse(base).and_then(|base| base.join(href)),
    };
    let Ok(url) = parsed else { return String::new() };
    let hostname = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| port.to_string()).unwrap_or_default();
    let host = if port.is_empty() {
        hostname.to_owned()
    } else {
        format!("{hostname}:{port}")
    };
    let with_sign = |sign: char, text: Option<&str>| match text {
        Some(text) if !text.is_empty() => format!("{sign}{text}"),
        _ => String::new(),
    };
    json!({
        "protocol": format!("{}:", url.scheme()),
        "username": url.username(),
        "password": url.password().unwrap_or_default(),
        "hostname": hostname,
        "host": host,
        "port": port,
        "pathname": url.path(),
        "search": with_sign('?', url.query()),
        "hash": with_sign('#', url.fragment()),
        // Kit's own scheme has none: its `href` must not get any.
        "slashes": url.has_authority(),
        "origin": url.origin().ascii_serialization(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rquickjs::{CatchResultExt, Context, Runtime};

    fn eval(script: &str) -> String {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        context.with(|ctx| {
            install(&ctx, Rc::new(|request: &str| format!("<{request}>"))).unwrap();
            let result = ctx
                .eval::<Value, _>(script)
                .and_then(|value| Text::from_js(&ctx, value));
            result
                .map(|text| text.0)
                .catch(&ctx)
                .map_err(|e| e.to_string())
                .unwrap()
        })
    }

    #[test]
    fn an_address_is_taken_apart() {
        let parts = eval("__url('../b?q=é#f', 'https://u:p@fete.example:8443/a/c/')");
        let parts: serde_json::Value = serde_json::from_str(&parts).unwrap();
        assert_eq!(parts["pathname"], "/a/b");
        assert_eq!(parts["search"], "?q=%C3%A9");
        assert_eq!(parts["host"], "fete.example:8443");
        assert_eq!(parts["origin"], "https://fete.example:8443");
        assert_eq!(parts["slashes"], true);
        assert_eq!(eval("__url('/a', '')"), "");
        assert!(eval("__url('sveltekit-internal:a', '')").contains(r#""slashes":false"#));
    }

    #[test]
    fn bytes_digests_and_randomness_are_typed_arrays() {
        assert_eq!(eval("Array.from(__encode('é')).join()"), "195,169");
        assert_eq!(eval("Array.from(__sha256('').slice(0, 3)).join()"), "227,176,196");
        assert_eq!(eval("String(__random(16).length)"), "16");
        assert_eq!(eval("try { __random(1e6) } catch (e) { e.name }"), "RangeError");
        assert_eq!(eval("try { __random(-1) } catch (e) { 'refused' }"), "refused");
    }

    #[test]
    fn half_a_character_does_no_harm() {
        assert_eq!(eval("Array.from(__encode('😀'.slice(0, 1))).join()"), "239,191,189");
        assert_eq!(eval("__fetch('a' + '😀'.slice(1))"), "<a\u{fffd}>");
        assert_eq!(eval("__log('info', '😀'.slice(0, 1)); 'done'"), "done");
        assert_eq!(eval("try { __encode(1) } catch (e) { e.name }"), "TypeError");
    }
}

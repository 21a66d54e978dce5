//! Documents that nobody thought of, through everything that looks at one before it is executed.

use crate::graphql::{check, precheck, sdl, shape::Shape};
use domain::fuzz::run;
use serde_json::json;

#[test]
fn fuzz_graphql() {
    let words = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "...",
        "... on Event {",
        "fragment F on Event {",
        "...F",
        "query($a: Int = 1) {",
        "events",
        "elements {",
        "event(uuid: $a)",
        "limit: 5",
        "__schema {",
        "@skip(if: $a)",
        "x:",
        "{a: [1, $a]}",
        "\"",
        "\"\"\"",
        "#",
        "mutation",
        "$",
        "!",
        "=",
        "|",
        "&",
        "\\u0041",
        "relatedEvents {",
    ];
    let shape = Shape::read(&sdl()).unwrap();
    run("graphql", &words, |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let counts = match precheck::check(&text, &precheck::LIMITS) {
            Err(refused) => return (refused.to_string().len(), 0, 0),
            Ok(counts) => counts,
        };
        // What was let through is small enough for the library, and for our own check of it.
        assert!(counts.tokens <= precheck::LIMITS.tokens && counts.unfolded <= precheck::LIMITS.unfolded);
        let Ok(mut document) = async_graphql_parser::parse_query(&text) else {
            return (1_000, 0, 0);
        };
        let mut variables = async_graphql::Variables::from_json(json!({"a": 1}));
        match check::check(&shape, &mut document, None, Some(&mut variables)) {
            Ok(checked) => (
                2_000,
                usize::try_from(checked.cost).unwrap_or(0).min(50),
                counts.fields.min(20),
            ),
            Err(errors) => (3_000, errors.len(), counts.fields.min(20)),
        }
    });
}

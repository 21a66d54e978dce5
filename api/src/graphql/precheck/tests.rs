//! Documents that are refused, at the limit and beyond it, and bombs.

use super::{Counts, LIMITS, Limits, Refused, check};
use async_graphql_parser::types::{ExecutableDocument, Selection, SelectionSet};
use proptest::prelude::*;
use std::{
    fmt::Write,
    time::{Duration, Instant},
};

const NONE: Limits = Limits {
    bytes: usize::MAX,
    tokens: usize::MAX,
    aliases: usize::MAX,
    fragments: usize::MAX,
    spreads: usize::MAX,
    directives: usize::MAX,
    nesting: 60,
    depth: u32::MAX,
    introspection_depth: u32::MAX,
    unfolded: u64::MAX,
};

fn counts(document: &str) -> Counts {
    check(document, &NONE).unwrap()
}

fn refused(document: &str) -> Refused {
    check(document, &LIMITS).unwrap_err()
}

#[test]
fn a_usual_document_is_counted_as_it_is_written() {
    let document = r#"
        query Two($uuid: UUID! = "{", $list: [Int!] = [1, 2]) @client(a: {b: [3]}) {
          first: event(uuid: $uuid, filter: {tags: ["a", "}"]}) { title ...Place @include(if: true) }
          ... on Query { config { name } }
        }
        fragment Place on Event { physicalAddress { locality ...Point } }
        fragment Point on Address { geom }
    "#;
    assert_eq!(
        counts(document),
        Counts {
            tokens: 97,
            fields: 7,
            aliases: 1,
            fragments: 2,
            spreads: 3,
            directives: 2,
            depth: 3,
            unfolded: 10,
        }
    );
}

#[test]
fn the_fields_of_a_fragment_count_wherever_it_is_used() {
    let document = "{ a { ...F } b { c { ...F } } } fragment F on T { x y { z } }";
    let counts = counts(document);
    assert_eq!((counts.fields, counts.unfolded, counts.depth), (6, 11, 4));
}

#[test]
fn operations_that_follow_each_other_are_counted_apart() {
    let counts = counts("fragment F on T { ...G } { a { b } } query Q { ...F } fragment G on T { x }");
    assert_eq!((counts.fragments, counts.unfolded, counts.depth), (2, 5, 2));
}

type Case = (fn(&mut Limits), String, String, Refused);

#[test]
fn each_limit_refuses_what_lies_above_it_and_nothing_else() {
    let repeated = |text: &str, times: usize| format!("{{ {} }}", text.repeat(times));
    let cases: [Case; 5] = [
        (
            |l| l.tokens = 12,
            repeated("a ", 10),
            repeated("a ", 11),
            Refused::Tokens(12),
        ),
        (
            |l| l.aliases = 3,
            repeated("a: b ", 3),
            repeated("a: b ", 4),
            Refused::Aliases(3),
        ),
        (
            |l| l.directives = 3,
            repeated("a @b ", 3),
            repeated("a @b ", 4),
            Refused::Directives(3),
        ),
        (
            |l| l.spreads = 3,
            repeated("...F ", 3),
            repeated("...F ", 4),
            Refused::Spreads(3),
        ),
        (
            |l| l.unfolded = 5,
            repeated("a ", 5),
            repeated("a ", 6),
            Refused::Unfolded(5),
        ),
    ];
    for (set, good, bad, why) in cases {
        let mut limits = NONE;
        set(&mut limits);
        assert!(check(&good, &limits).is_ok(), "{good}");
        assert_eq!(check(&bad, &limits), Err(why), "{bad}");
    }
}

#[test]
fn bytes_and_fragments_are_limited() {
    let document = |fragments: usize| {
        (0..fragments).fold("{ a }".to_owned(), |mut text, number| {
            write!(text, " fragment F{number} on T {{ a }}").unwrap();
            text
        })
    };
    assert!(check(&document(20), &LIMITS).is_ok());
    assert_eq!(refused(&document(21)), Refused::Fragments(20));
    assert_eq!(
        refused(&format!("{{ a }} #{}", "x".repeat(100_000))),
        Refused::Bytes(100_000)
    );
}

#[test]
fn fields_stand_ten_deep_and_fifteen_in_questions_about_the_schema() {
    let nested = |root: &str, depth: usize| format!("{{ {root} {}{}", "{ a ".repeat(depth - 1), "}".repeat(depth));
    assert!(check(&nested("a", 10), &LIMITS).is_ok());
    assert_eq!(refused(&nested("a", 11)), Refused::Depth(10));
    assert!(check(&nested("__schema", 15), &LIMITS).is_ok());
    assert_eq!(refused(&nested("__schema", 16)), Refused::Depth(15));
    assert_eq!(refused(&nested("a __schema", 15)), Refused::Depth(10));
}

#[test]
fn fragments_do_not_hide_depth() {
    let inner = "a { ".repeat(6) + "x" + &" }".repeat(6);
    let document = format!("{{ a {{ b {{ c {{ ... {{ ...F }} }} }} }} }} fragment F on T {{ {inner} }}");
    assert_eq!(counts(&document).depth, 10);
    let document =
        format!("fragment G on T {{ ...F }} {{ a {{ b {{ c {{ d {{ ...G }} }} }} }} }} fragment F on T {{ {inner} }}");
    assert_eq!(refused(&document), Refused::Depth(10));
}

#[test]
fn a_fragment_must_not_contain_itself() {
    assert_eq!(refused("{ ...A } fragment A on T { ...A }"), Refused::Cycle);
    assert_eq!(
        refused("{ a } fragment A on T { b { ...B } } fragment B on T { ...A }"),
        Refused::Cycle
    );
}

#[test]
fn what_is_no_graphql_is_refused() {
    for wrong in [
        "{ é }",
        "{ a(b: \"",
        "{ a(b: \"x",
        "query { a",
        "}",
        "{ a } \"\"\"",
        "] { a }",
        "{ a ] }",
    ] {
        assert!(matches!(refused(wrong), Refused::Syntax(_)), "{wrong}");
    }
    for readable in ["", "# nothing", "query Q { a }"] {
        assert!(check(readable, &LIMITS).is_ok(), "{readable}");
    }
}

/// Attack cases GQL-01, GQL-02, GQL-05, GQL-06.
#[test]
fn bombs_are_refused_in_microseconds() {
    let fan = |width: usize, levels: usize| {
        let mut text = "{ ...F0_0 }".to_owned();
        for level in 0..levels {
            for number in 0..width {
                write!(text, " fragment F{level}_{number} on T {{ ").unwrap();
                for next in 0..width {
                    write!(text, "...F{}_{next} ", level + 1).unwrap();
                }
                text.push('}');
            }
        }
        text
    };
    let chain = |length: usize| {
        (0..length).fold("{ ...F0 }".to_owned(), |mut text, number| {
            write!(text, " fragment F{number} on T {{ ...F{0} ...F{0} }}", number + 1).unwrap();
            text
        })
    };
    let bombs = [
        format!("{{ {}", "a { ".repeat(5_000)),
        format!("{{ a(b: {}", "[".repeat(5_000)),
        format!("{{ a(b: {}", "{c: ".repeat(5_000)),
        format!("{{ {} }}", "x: a ".repeat(20_000)),
        format!("{{ a {} }}", "@b ".repeat(20_000)),
        format!("query({}) {{ a }}", "$a: B ".repeat(10_000)),
        format!("{{ a }} #{}", "x".repeat(1_000_000)),
        format!("{{ a(b: \"{}\") }}", "x".repeat(1_000_000)),
        fan(10, 8),
        fan(40, 8),
        chain(19),
        "fragment F on T { a } ".repeat(10_000),
    ];
    for bomb in bombs {
        let begin = Instant::now();
        let why = refused(&bomb);
        let took = begin.elapsed();
        assert!(took < Duration::from_millis(10), "{why:?} took {took:?}");
    }
}

/// The same counts from the tree of the library.
fn by_tree(document: &ExecutableDocument) -> (u64, u32, usize, usize) {
    #[derive(Default)]
    struct Tree {
        aliases: usize,
        spreads: usize,
    }
    impl Tree {
        fn walk(&mut self, set: &SelectionSet, document: &ExecutableDocument, depth: u32, written: bool) -> (u64, u32) {
            let (mut fields, mut deepest) = (0, 0);
            for item in &set.items {
                let (inner, inner_depth) = match &item.node {
                    Selection::Field(field) => {
                        self.aliases += usize::from(written && field.node.alias.is_some());
                        let inner = self.walk(&field.node.selection_set.node, document, depth + 1, written);
                        (inner.0 + 1, inner.1.max(depth))
                    }
                    Selection::InlineFragment(fragment) => {
                        self.spreads += usize::from(written);
                        let inner = self.walk(&fragment.node.selection_set.node, document, depth, written);
                        (inner.0 + 1, inner.1)
                    }
                    Selection::FragmentSpread(spread) => {
                        self.spreads += usize::from(written);
                        let fragment = document.fragments.get(&spread.node.fragment_name.node);
                        let inner = fragment.map_or((0, 0), |one| {
                            self.walk(&one.node.selection_set.node, document, depth, false)
                        });
                        (inner.0 + 1, inner.1)
                    }
                };
                fields += inner;
                deepest = deepest.max(inner_depth);
            }
            (fields, deepest)
        }
    }
    let mut tree = Tree::default();
    let (mut fields, mut depth) = (0, 0);
    for (_, operation) in document.operations.iter() {
        let size = tree.walk(&operation.node.selection_set.node, document, 1, true);
        fields += size.0;
        depth = depth.max(size.1);
    }
    for fragment in document.fragments.values() {
        tree.walk(&fragment.node.selection_set.node, document, 1, true);
    }
    (fields, depth, tree.aliases, tree.spreads)
}

fn selection() -> impl Strategy<Value = String> {
    let argument = prop_oneof![
        Just(String::new()),
        Just("(a: 1)".to_owned()),
        Just("(a: \"{ x } \\\" # \", b: {c: [$v, {d: E}]})".to_owned()),
        Just("(a: \"\"\" { \" \\\"\"\" \"\"\")".to_owned()),
    ];
    let directive = prop_oneof![Just(""), Just(" @skip(if: $v)"), Just(" @a @b(c: {})")];
    let leaf = (prop_oneof![Just(""), Just("x: ")], "[a-c]{1,3}", argument, directive)
        .prop_map(|(alias, name, argument, directive)| format!("{alias}{name}{argument}{directive}"));
    let spread = (0..4_usize).prop_map(|number| format!("...F{number}"));
    prop_oneof![4 => leaf, 1 => spread].prop_recursive(5, 40, 4, |inner| {
        let inside = prop::collection::vec(inner, 1..4).prop_map(|parts| parts.join(" # } {\n"));
        prop_oneof![
            inside.clone().prop_map(|inside| format!("name {{ {inside} }}")),
            inside.clone().prop_map(|inside| format!("... on Type {{ {inside} }}")),
            inside.prop_map(|inside| format!("... @a {{{inside}}}")),
        ]
    })
}

proptest! {
    #[test]
    fn the_library_counts_the_same(
        operations in prop::collection::vec(selection(), 1..3),
        bodies in prop::collection::vec(selection(), 4),
    ) {
        let mut text = String::new();
        for (number, body) in operations.iter().enumerate() {
            write!(text, "query Q{number}($v: T = {{a: [1]}}) {{ {body} }},").unwrap();
        }
        // A fragment uses only later ones, so that none contains itself.
        for (number, body) in bodies.iter().enumerate() {
            let body = (0..=number).fold(body.clone(), |body, earlier| body.replace(&format!("...F{earlier}"), "z"));
            write!(text, "fragment F{number} on Type {{ {body} }}\r").unwrap();
        }
        let document = async_graphql_parser::parse_query(&text).unwrap();
        let counts = check(&text, &NONE).unwrap();
        prop_assert_eq!((counts.unfolded, counts.depth, counts.aliases, counts.spreads), by_tree(&document));
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,300}") {
        let _counted = check(&text, &LIMITS);
    }

    #[test]
    fn no_heap_of_tokens_makes_it_panic(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "(", ")", "[", "]", "...", "on", "fragment", "query", "F", "G", ":", "@", "$", "!", "=", "\"\"\"", "\"", "#\n", "1", "|", "&",
        ]), 0..80),
    ) {
        let _counted = check(&tokens.join(" "), &LIMITS);
    }

    /// What the library parses, the check reads to its end: nothing is smuggled past it.
    #[test]
    fn what_the_library_parses_is_read_to_its_end(
        tokens in prop::collection::vec(prop::sample::select(vec![
            "{", "}", "{a}", "(", ")", "...", "... on T{b}", "...F", "fragment F on T", "query", "a", "(a: [1])", ":", "@b", "\"\"", "#\n",
        ]), 0..20),
    ) {
        let text = tokens.join(" ");
        if let Ok(document) = async_graphql_parser::parse_query(&text) {
            match check(&text, &NONE) {
                Ok(counts) => prop_assert_eq!((counts.unfolded, counts.depth, counts.aliases, counts.spreads), by_tree(&document)),
                Err(why) => prop_assert_eq!(why, Refused::Cycle),
            }
        }
    }
}

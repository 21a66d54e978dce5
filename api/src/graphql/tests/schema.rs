//! The text of the schema is the contract: committed, described, and the same as the code.

use crate::graphql::sdl;
use async_graphql_parser::{
    Positioned, parse_schema,
    types::{FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

fn file() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema.graphql")
}

/// `UPDATE_SCHEMA=1` writes the file anew.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment")]
fn the_committed_schema_is_that_of_the_code() {
    if std::env::var("UPDATE_SCHEMA").is_ok() {
        std::fs::write(file(), sdl()).unwrap();
    }
    let committed = std::fs::read_to_string(file()).unwrap();
    assert!(
        committed == sdl(),
        "schema.graphql differs from the code; run the tests of `api` with UPDATE_SCHEMA=1 and look at the difference"
    );
}

type Described<'a> = (String, Option<&'a Positioned<String>>);

#[test]
fn everything_is_described_for_its_user() {
    let document = parse_schema(sdl()).unwrap();
    let mut missing = Vec::new();
    for definition in &document.definitions {
        if let TypeSystemDefinition::Type(ty) = definition {
            let undescribed = described(&ty.node)
                .into_iter()
                .filter(|(_, text)| text.is_none_or(|text| text.node.trim().is_empty()));
            missing.extend(undescribed.map(|(name, _)| name));
        }
    }
    assert!(missing.is_empty(), "without a description: {missing:#?}");
}

fn described(ty: &TypeDefinition) -> Vec<Described<'_>> {
    let name = &ty.name.node;
    let mut all = vec![(name.to_string(), ty.description.as_ref())];
    match &ty.kind {
        TypeKind::Object(object) => all.extend(fields(name, &object.fields)),
        TypeKind::Interface(interface) => all.extend(fields(name, &interface.fields)),
        TypeKind::Enum(values) => all.extend(values.values.iter().map(|value| {
            let value = &value.node;
            (format!("{name}.{}", value.value.node), value.description.as_ref())
        })),
        TypeKind::InputObject(input) => all.extend(inputs(name, &input.fields)),
        TypeKind::Scalar | TypeKind::Union(_) => {}
    }
    all
}

fn fields<'a>(of: &str, fields: &'a [Positioned<FieldDefinition>]) -> Vec<Described<'a>> {
    let mut all = Vec::new();
    for field in fields {
        let name = format!("{of}.{}", field.node.name.node);
        all.extend(inputs(&name, &field.node.arguments));
        all.push((name, field.node.description.as_ref()));
    }
    all
}

fn inputs<'a>(of: &str, inputs: &'a [Positioned<InputValueDefinition>]) -> Vec<Described<'a>> {
    inputs
        .iter()
        .map(|input| {
            (
                format!("{of}({})", input.node.name.node),
                input.node.description.as_ref(),
            )
        })
        .collect()
}

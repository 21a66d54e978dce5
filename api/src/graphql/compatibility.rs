//! Every name of Mobilizon's schema exists in ours with a compatible type, or stands in a list that only shrinks.
//!
//! The schema is not ours and not in the repository: `KERMESSE_MOBILIZON_SCHEMA` names the file.

use super::sdl;
use async_graphql_parser::{
    Positioned, parse_schema,
    types::{
        BaseType, EnumType, FieldDefinition, InputValueDefinition, Type, TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};
use std::collections::BTreeMap;

type Types = BTreeMap<String, TypeDefinition>;

fn types(schema: &str) -> Types {
    let definitions = parse_schema(schema).unwrap().definitions;
    let types = definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node)),
        TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
    });
    types.collect()
}

/// What is not as theirs, by name.
#[derive(Default)]
struct Differences {
    /// Not there yet.
    missing: Vec<String>,
    /// There, and clients would stumble over it.
    incompatible: Vec<String>,
}

/// Our name for a type of theirs.
fn ours(name: &str) -> &str {
    match name {
        "RootQueryType" => "Query",
        "RootMutationType" => "Mutation",
        "RootSubscriptionType" => "Subscription",
        other => other,
    }
}

impl Differences {
    fn of_type(&mut self, theirs: &TypeDefinition, our: &Types) {
        let name = ours(&theirs.name.node);
        let Some(our) = our.get(name) else {
            return match (&theirs.kind, name) {
                // The roots are compared field by field also where we have none.
                (TypeKind::Object(object), "Mutation" | "Subscription") => {
                    self.missing.extend(
                        object
                            .fields
                            .iter()
                            .map(|field| format!("{name}.{}", field.node.name.node)),
                    );
                }
                _ => self.missing.push(name.to_owned()),
            };
        };
        match (&theirs.kind, &our.kind) {
            (TypeKind::Object(theirs), TypeKind::Object(our)) => {
                self.interfaces(name, &theirs.implements, &our.implements);
                self.fields(name, &theirs.fields, &our.fields);
            }
            (TypeKind::Interface(theirs), TypeKind::Interface(our)) => self.fields(name, &theirs.fields, &our.fields),
            (TypeKind::Enum(theirs), TypeKind::Enum(our)) => self.values(name, theirs, our),
            (TypeKind::InputObject(theirs), TypeKind::InputObject(our)) => {
                self.inputs(name, &theirs.fields, &our.fields);
            }
            (TypeKind::Scalar, TypeKind::Scalar) | (TypeKind::Union(_), TypeKind::Union(_)) => {}
            _ => self.incompatible.push(format!("{name} is of another kind")),
        }
    }

    fn interfaces(
        &mut self,
        name: &str,
        theirs: &[Positioned<async_graphql::Name>],
        our: &[Positioned<async_graphql::Name>],
    ) {
        let missing = theirs.iter().filter(|one| our.iter().all(|our| our.node != one.node));
        self.missing
            .extend(missing.map(|one| format!("{name} implements {}", one.node)));
    }

    fn values(&mut self, name: &str, theirs: &EnumType, our: &EnumType) {
        for value in &theirs.values {
            if our.values.iter().all(|our| our.node.value != value.node.value) {
                self.missing.push(format!("{name}.{}", value.node.value.node));
            }
        }
    }

    fn fields(&mut self, of: &str, theirs: &[Positioned<FieldDefinition>], our: &[Positioned<FieldDefinition>]) {
        for field in theirs {
            let field = &field.node;
            let name = format!("{of}.{}", field.name.node);
            let Some(our) = our.iter().find(|our| our.node.name.node == field.name.node) else {
                self.missing.push(name);
                continue;
            };
            if !is_output_compatible(&field.ty.node, &our.node.ty.node) {
                self.incompatible
                    .push(format!("{name}: {} and not {}", our.node.ty.node, field.ty.node));
            }
            self.inputs(&name, &field.arguments, &our.node.arguments);
        }
    }

    fn inputs(
        &mut self,
        of: &str,
        theirs: &[Positioned<InputValueDefinition>],
        our: &[Positioned<InputValueDefinition>],
    ) {
        for input in theirs {
            let input = &input.node;
            let name = format!("{of}({})", input.name.node);
            let Some(our) = our.iter().find(|our| our.node.name.node == input.name.node) else {
                self.missing.push(name);
                continue;
            };
            if !is_input_compatible(&input.ty.node, &our.node.ty.node) {
                self.incompatible
                    .push(format!("{name}: {} and not {}", our.node.ty.node, input.ty.node));
            }
            if !has_default(input, &our.node) {
                self.incompatible.push(format!("{name} has another default"));
            }
        }
        for our in our {
            let is_theirs = theirs.iter().any(|input| input.node.name.node == our.node.name.node);
            if !is_theirs && !our.node.ty.node.nullable && our.node.default_value.is_none() {
                self.incompatible
                    .push(format!("{of}({}) must be sent", our.node.name.node));
            }
        }
    }
}

/// Whoever reads theirs can read ours: the same type, or one that is never null.
fn is_output_compatible(theirs: &Type, our: &Type) -> bool {
    let base = match (&theirs.base, &our.base) {
        (BaseType::Named(theirs), BaseType::Named(our)) => ours(theirs) == our.as_str(),
        (BaseType::List(theirs), BaseType::List(our)) => is_output_compatible(theirs, our),
        _ => false,
    };
    base && (theirs.nullable || !our.nullable)
}

/// Whatever is sent for theirs can be sent for ours.
fn is_input_compatible(theirs: &Type, our: &Type) -> bool {
    let base = match (&theirs.base, &our.base) {
        (BaseType::Named(theirs), BaseType::Named(our)) => theirs == our,
        (BaseType::List(theirs), BaseType::List(our)) => is_input_compatible(theirs, our),
        _ => false,
    };
    base && (our.nullable || !theirs.nullable)
}

fn has_default(theirs: &InputValueDefinition, our: &InputValueDefinition) -> bool {
    let text = |input: &InputValueDefinition| {
        let value = input.default_value.as_ref().map(|value| value.node.to_string());
        value.map(|value| value.strip_suffix(".0").map(str::to_owned).unwrap_or(value))
    };
    text(theirs).is_none_or(|theirs| Some(theirs) == text(our))
}

/// The list of what is missing may only shrink: look at the difference before you accept it.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told by the environment, and say so"
)]
fn what_mobilizon_names_is_there_or_known_to_be_missing() {
    let Ok(file) = std::env::var("KERMESSE_MOBILIZON_SCHEMA") else {
        eprintln!("KERMESSE_MOBILIZON_SCHEMA is not set: the schema is not compared with Mobilizon's");
        return;
    };
    let (theirs, our) = (types(&std::fs::read_to_string(file).unwrap()), types(&sdl()));
    let mut differences = Differences::default();
    for ty in theirs.values() {
        differences.of_type(ty, &our);
    }
    assert!(differences.incompatible.is_empty(), "{:#?}", differences.incompatible);
    differences.missing.sort();
    insta::assert_snapshot!("missing", differences.missing.join("\n"));
}

#[test]
fn types_are_compared_as_clients_use_them() {
    let compare = |theirs: &str, our: &str| {
        let (theirs, our) = (types(theirs), types(our));
        let mut differences = Differences::default();
        for ty in theirs.values() {
            differences.of_type(ty, &our);
        }
        (differences.missing, differences.incompatible)
    };
    let none = Vec::<String>::new();
    let same = compare(
        "type A { b(c: Int = 50): [A] }",
        "type A { b(c: Int = 50, d: Int): [A!]! }",
    );
    assert_eq!(same, (none.clone(), none.clone()));
    let stricter = compare("type A { b(c: Int): A! }", "type A { b(c: Int!): A }");
    assert_eq!(stricter.1, ["A.b: A and not A!", "A.b(c): Int! and not Int"]);
    let more = compare("type A { b: A }", "type A { b(c: Int!): A }");
    assert_eq!(more.1, ["A.b(c) must be sent"]);
    let less = compare(
        "type A { b(c: Int): A d: A } enum E { F G } type H { a: A }",
        "type A { b: A } enum E { F }",
    );
    assert_eq!(less.0, ["A.b(c)", "A.d", "E.G", "H"]);
}

/// How many operations of Mobilizon's front end fit the schema. `KERMESSE_MOBILIZON_OPERATIONS` names the folder that
/// the extractor wrote; without it there is nothing to say.
#[test]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "tests are told by the environment, and say so"
)]
fn operations_of_mobilizons_front_end_stay_within_the_limits() {
    let Ok(folder) = std::env::var("KERMESSE_MOBILIZON_OPERATIONS") else {
        return;
    };
    let shape = super::shape::Shape::read(&sdl()).unwrap();
    let (mut fitting, mut all) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        all += 1;
        super::precheck::check(&text, &super::precheck::LIMITS)
            .unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let mut document = async_graphql_parser::parse_query(&text).unwrap();
        match super::check::check(&shape, &mut document, None, None) {
            Ok(checked) => fitting.push(format!("{} {}", path.file_stem().unwrap().display(), checked.cost)),
            Err(errors) => eprintln!("{}: {}", path.file_stem().unwrap().display(), errors[0].message),
        }
    }
    fitting.sort();
    eprintln!("{} of {all} fit, with their costs: {fitting:#?}", fitting.len());
}

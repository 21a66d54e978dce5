//! The schema as the door sees it: which fields, arguments and keys there are, under which names, at which cost.
//!
//! Read once from the schema's own text. Names are found in any spelling that Mobilizon's server accepts: it compares
//! `target_actor`, `targetActor` and `redirectURI`, `redirectUri` alike (`api.md`, rule 3).

use super::introspection;
use async_graphql::Name;
use async_graphql_parser::{
    Positioned, parse_schema,
    types::{
        BaseType, FieldDefinition, InputValueDefinition, OperationType, Type as TypeReference, TypeDefinition,
        TypeKind, TypeSystemDefinition,
    },
};
use async_graphql_value::ConstValue;
use std::collections::HashMap;

/// Fields that ask the database on their own, once for each thing they stand on, with how many usual queries each is as
/// long as: numbers of the whole site count all its events. Lists with `limit` are one query anyway.
const OWN_QUERIES: [(&str, &str, u64); 6] = [
    ("Event", "relatedEvents", 1),
    ("Tag", "related", 1),
    ("PaginatedEventList", "total", 1),
    ("Events", "total", 1),
    ("Query", "statistics", 5),
    ("Query", "categoryStatistics", 5),
];

/// The types of a schema by name.
pub(super) struct Shape {
    types: HashMap<Name, Type>,
    query: Name,
    mutation: Option<Name>,
}

/// What may be done with a type.
pub(super) enum Type {
    /// A scalar or an enum.
    Leaf,
    /// An object, an interface or a union.
    Composite(Named<Field>),
    /// An input object.
    Input(Named<Input>),
}

/// A field of a type.
pub(super) struct Field {
    /// The type without lists and non-null.
    pub(super) base: Name,
    /// Whether it is a list.
    pub(super) is_list: bool,
    /// How often it asks the database on its own.
    pub(super) own_queries: u64,
    /// The arguments.
    pub(super) arguments: Named<Input>,
}

/// An argument, or a key of an input object.
pub(super) struct Input {
    /// As it is written, for messages.
    pub(super) ty: TypeReference,
    /// The type without lists and non-null.
    pub(super) base: Name,
    /// What it is when it is left out.
    pub(super) default: Option<ConstValue>,
}

impl Input {
    /// Whether it must not be left out.
    pub(super) fn is_required(&self) -> bool {
        !self.ty.nullable && self.default.is_none()
    }
}

/// Things by name, found in other spellings too.
pub(super) struct Named<T> {
    by_name: HashMap<Name, T>,
    by_folded: HashMap<String, Name>,
}

impl<T> Named<T> {
    fn new(things: impl Iterator<Item = (Name, T)>) -> Self {
        let by_name: HashMap<Name, T> = things.collect();
        let by_folded = by_name.keys().map(|name| (folded(name), name.clone())).collect();
        Self { by_name, by_folded }
    }

    /// The thing and its name as the schema writes it.
    pub(super) fn find(&self, name: &str) -> Option<(&Name, &T)> {
        self.by_name.get_key_value(name).or_else(|| {
            let name = self.by_folded.get(&folded(name))?;
            self.by_name.get_key_value(name)
        })
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Name, &T)> {
        self.by_name.iter()
    }
}

/// A name without what differs between its spellings; names of introspection keep theirs.
fn folded(name: &str) -> String {
    if name.starts_with("__") {
        return name.to_owned();
    }
    name.chars()
        .filter(|letter| *letter != '_')
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

impl Shape {
    /// Reads the text of a schema.
    ///
    /// # Errors
    /// Where it is none.
    pub(super) fn read(schema: &str) -> Result<Self, async_graphql_parser::Error> {
        let mut shape = Self {
            types: HashMap::new(),
            query: Name::new("Query"),
            mutation: None,
        };
        for builtin in ["Int", "Float", "String", "Boolean", "ID"] {
            shape.types.insert(Name::new(builtin), Type::Leaf);
        }
        for text in [schema, introspection::SCHEMA] {
            for definition in parse_schema(text)?.definitions {
                match definition {
                    TypeSystemDefinition::Type(one) => shape.add(one.node),
                    TypeSystemDefinition::Schema(one) => {
                        shape.query = one.node.query.map_or(shape.query, |name| name.node);
                        shape.mutation = one.node.mutation.map(|name| name.node);
                    }
                    TypeSystemDefinition::Directive(_) => {}
                }
            }
        }
        shape.add_introspection();
        Ok(shape)
    }

    fn add(&mut self, definition: TypeDefinition) {
        let name = definition.name.node;
        let of = name.clone();
        let fields = |fields: Vec<Positioned<FieldDefinition>>| {
            Named::new(fields.into_iter().map(|field| field_of(&of, field.node)))
        };
        let ty = match definition.kind {
            TypeKind::Scalar | TypeKind::Enum(_) => Type::Leaf,
            TypeKind::Object(object) => Type::Composite(fields(object.fields)),
            TypeKind::Interface(interface) => Type::Composite(fields(interface.fields)),
            TypeKind::Union(_) => Type::Composite(Named::new(std::iter::empty())),
            TypeKind::InputObject(input) => Type::Input(inputs(input.fields)),
        };
        self.types.insert(name, ty);
    }

    /// `__schema` and `__type` are fields of the root that no schema writes down.
    fn add_introspection(&mut self) {
        let Some(Type::Composite(entries)) = self.types.remove(introspection::ENTRIES) else {
            return;
        };
        if let Some(Type::Composite(query)) = self.types.get_mut(&self.query) {
            query.by_name.extend(entries.by_name);
            query.by_folded.extend(entries.by_folded);
        }
    }

    /// A type by its name.
    pub(super) fn get(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// The type that the outermost fields of an operation belong to.
    pub(super) fn root(&self, of: OperationType) -> Option<&Name> {
        match of {
            OperationType::Query => Some(&self.query),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => None,
        }
    }

    /// The outermost fields, without those about the schema: `query event`, sorted.
    pub(super) fn root_fields(&self) -> Vec<String> {
        let roots = [("query", Some(&self.query)), ("mutation", self.mutation.as_ref())];
        let mut fields = Vec::new();
        for (kind, root) in roots {
            if let Some(Type::Composite(of)) = root.and_then(|root| self.types.get(root)) {
                let names = of.iter().filter(|(name, _)| !name.starts_with("__"));
                fields.extend(names.map(|(name, _)| format!("{kind} {name}")));
            }
        }
        fields.sort();
        fields
    }
}

fn field_of(on: &Name, field: FieldDefinition) -> (Name, Field) {
    let name = field.name.node;
    let arguments = inputs(field.arguments);
    let listed = OWN_QUERIES.iter().find(|(of, field, _)| on == of && name == *field);
    let own_queries = match listed {
        Some((.., queries)) => *queries,
        None => u64::from(arguments.find("limit").is_some()),
    };
    let described = Field {
        base: base(&field.ty.node).clone(),
        is_list: matches!(field.ty.node.base, BaseType::List(_)),
        own_queries,
        arguments,
    };
    (name, described)
}

fn inputs(definitions: Vec<Positioned<InputValueDefinition>>) -> Named<Input> {
    Named::new(definitions.into_iter().map(|definition| {
        let definition = definition.node;
        let input = Input {
            base: base(&definition.ty.node).clone(),
            ty: definition.ty.node,
            default: definition.default_value.map(|value| value.node),
        };
        (definition.name.node, input)
    }))
}

/// The type inside all lists.
pub(super) fn base(ty: &TypeReference) -> &Name {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_the_spellings_that_clients_send() {
        let schema = "type Query { redirectUri(targetActor: ID): Int __x: Int }";
        let shape = Shape::read(schema).unwrap();
        let Some(Type::Composite(query)) = shape.get("Query") else {
            panic!()
        };
        for spelling in ["redirectUri", "redirectURI", "redirect_uri"] {
            let (name, field) = query.find(spelling).unwrap();
            assert_eq!(name, "redirectUri");
            assert!(field.arguments.find("target_actor").is_some());
        }
        assert!(query.find("redirect").is_none());
        assert!(query.find("__schema").is_some());
        assert!(query.find("schema").is_none());
    }

    #[test]
    fn no_two_names_of_one_type_differ_in_spelling_only() {
        let sdl = crate::graphql::sdl();
        let shape = Shape::read(&sdl).unwrap();
        for (name, ty) in &shape.types {
            match ty {
                Type::Leaf => {}
                Type::Composite(fields) => assert_eq!(fields.by_name.len(), fields.by_folded.len(), "{name}"),
                Type::Input(inputs) => assert_eq!(inputs.by_name.len(), inputs.by_folded.len(), "{name}"),
            }
        }
    }

    #[test]
    fn every_field_that_is_said_to_ask_on_its_own_exists() {
        let shape = Shape::read(&crate::graphql::sdl()).unwrap();
        for (on, field, _) in OWN_QUERIES {
            let Some(Type::Composite(fields)) = shape.get(on) else {
                panic!("{on}")
            };
            assert!(fields.by_name.contains_key(field), "{on}.{field}");
        }
    }
}

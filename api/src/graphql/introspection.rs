//! Questions about the schema: open to all, and bounded, for their answers can be made very large.
//!
//! The library answers them; here stands what it answers, in the words of the specification (October 2021, §4.2), so
//! that the door can check it like anything else.

/// The type in [`SCHEMA`] whose fields are fields of the query root.
pub(super) const ENTRIES: &str = "__Entries";

/// Lists that lie in each other: `types { fields { … } }` is two.
pub(super) const MOST_LISTS: u32 = 2;

/// The fields whose lists grow with the schema.
pub(super) fn is_long_list(on: &str, field: &str) -> bool {
    match on {
        "__Schema" => field == "types",
        "__Type" => matches!(
            field,
            "fields" | "interfaces" | "possibleTypes" | "enumValues" | "inputFields"
        ),
        _ => false,
    }
}

/// The types of introspection.
pub(super) const SCHEMA: &str = r"
type __Entries { __schema: __Schema! __type(name: String!): __Type }
type __Schema {
  description: String
  types: [__Type!]!
  queryType: __Type!
  mutationType: __Type
  subscriptionType: __Type
  directives: [__Directive!]!
}
type __Type {
  kind: __TypeKind!
  name: String
  description: String
  specifiedByURL: String
  isOneOf: Boolean
  fields(includeDeprecated: Boolean = false): [__Field!]
  interfaces: [__Type!]
  possibleTypes: [__Type!]
  enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!]
  ofType: __Type
}
type __Field {
  name: String!
  description: String
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  type: __Type!
  isDeprecated: Boolean!
  deprecationReason: String
}
type __InputValue {
  name: String!
  description: String
  type: __Type!
  defaultValue: String
  isDeprecated: Boolean!
  deprecationReason: String
}
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
  name: String!
  description: String
  locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
  isRepeatable: Boolean!
}
enum __TypeKind { SCALAR }
enum __DirectiveLocation { QUERY }
";

//! What a parsed document must satisfy, what it costs, and its names as the schema writes them.
//!
//! The library runs with `ValidationMode::Fast`: its full set of rules takes exponential time on hostile documents and
//! refuses operations that Mobilizon serves ("overlapping fields can be merged"). This walk keeps the rules that tell
//! people what they wrote wrongly, and is linear: each fragment is walked once.
//!
//! A cost is a number of fields, plus ten for each query of its own that a field asks the database, times the rows of
//! the list that it stands in. Everything else is loaded for all rows at once and costs nothing beside its field.

use super::{
    inputs::{Given, check_arguments},
    introspection,
    shape::{Field as FieldShape, Named, Shape, Type},
};
use async_graphql::{Name, Pos, ServerError, Value as ConstValue, Variables};
use async_graphql_parser::{
    Positioned,
    types::{
        Directive, DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
        OperationType, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;
use domain::page::MOST_LIMIT;
use std::collections::HashMap;

/// What a query of its own costs.
const QUERY: u64 = 10;
/// What a field about the schema costs: its lists are long.
const INTROSPECTION: u64 = 2;
/// Rows of a list that has no `limit`.
const USUAL_ROWS: u64 = 10;
/// More mistakes are not told.
const MOST_ERRORS: usize = 10;

/// What was found out about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Checked {
    /// What it costs.
    pub(super) cost: u64,
    /// Whether it reads or writes.
    pub(super) kind: OperationType,
}

/// Reduces a document to the operation that is wanted, checks it, and brings names and variables into the schema's
/// form: spelling, defaults, and arguments that are absent because their variable is. `None`: variables come later.
///
/// # Errors
/// What is wrong, as GraphQL says it.
pub(super) fn check(
    shape: &Shape,
    document: &mut ExecutableDocument,
    operation_name: Option<&str>,
    variables: Option<&mut Variables>,
) -> Result<Checked, Vec<ServerError>> {
    let mut operation = select(document, operation_name).map_err(|error| vec![error])?;
    let kind = operation.node.ty;
    let Some(root) = shape.root(kind) else {
        let error = ServerError::new(format!("There is no {kind} here."), Some(operation.pos));
        return Err(vec![error]);
    };
    let mut errors = Vec::new();
    let given = Given::new(shape, &operation.node, variables, &mut errors);
    let mut walk = Walk {
        shape,
        given,
        fragments: std::mem::take(&mut document.fragments),
        done: HashMap::new(),
        errors,
    };
    walk.directives(&mut operation.node.directives);
    let cost = walk.selections(root, &mut operation.node.selection_set.node);
    let Walk { done, mut errors, .. } = walk;
    if cost.lists > introspection::MOST_LISTS {
        errors.push(ServerError::new(
            "The lists of the schema are nested too deep.",
            Some(operation.pos),
        ));
    }
    document.fragments = done.into_iter().map(|(name, (fragment, _))| (name, fragment)).collect();
    document.operations = DocumentOperations::Single(operation);
    if errors.is_empty() {
        let cost = cost.fields.saturating_add(cost.queries);
        Ok(Checked { cost, kind })
    } else {
        errors.truncate(MOST_ERRORS);
        Err(errors)
    }
}

fn select(
    document: &mut ExecutableDocument,
    name: Option<&str>,
) -> Result<Positioned<OperationDefinition>, ServerError> {
    let name = name.filter(|name| !name.is_empty());
    let found = match (&mut document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation.clone()),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.remove(name),
        (DocumentOperations::Multiple(operations), None) if operations.len() == 1 => {
            operations.drain().map(|(_, operation)| operation).next()
        }
        (DocumentOperations::Multiple(_), None) => {
            let message = "The document has several operations; say which with operationName.";
            return Err(ServerError::new(message, None));
        }
    };
    found.ok_or_else(|| {
        let name = name.unwrap_or_default();
        ServerError::new(format!("Unknown operation named \"{name}\"."), None)
    })
}

/// Parts of a cost, so that a fragment's is known before it is known where it is used.
#[derive(Debug, Clone, Copy, Default)]
struct Cost {
    fields: u64,
    queries: u64,
    /// Queries for each element of the page that this stands in.
    per_row: u64,
    /// Lists of the schema that lie in each other.
    lists: u32,
}

impl Cost {
    fn and(self, other: Self) -> Self {
        Self {
            fields: self.fields.saturating_add(other.fields),
            queries: self.queries.saturating_add(other.queries),
            per_row: self.per_row.saturating_add(other.per_row),
            lists: self.lists.max(other.lists),
        }
    }
}

struct Walk<'s> {
    shape: &'s Shape,
    given: Given<'s>,
    /// Those that are still to be walked.
    fragments: HashMap<Name, Positioned<FragmentDefinition>>,
    done: HashMap<Name, (Positioned<FragmentDefinition>, Cost)>,
    errors: Vec<ServerError>,
}

impl Walk<'_> {
    fn error(&mut self, pos: Pos, message: String) {
        self.errors.push(ServerError::new(message, Some(pos)));
    }

    /// The depth of this recursion is that of the document, which was checked before.
    fn selections(&mut self, on: &Name, set: &mut SelectionSet) -> Cost {
        let mut cost = Cost::default();
        for item in &mut set.items {
            if self.errors.len() > MOST_ERRORS {
                break;
            }
            let pos = item.pos;
            self.directives(item.node.directives_mut());
            let more = match &mut item.node {
                Selection::Field(field) => self.field(on, pos, &mut field.node),
                Selection::FragmentSpread(spread) => self.spread(pos, &spread.node.fragment_name.node.clone()),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on.clone(), |condition| condition.node.on.node.clone());
                    self.condition(pos, &on);
                    self.selections(&on, &mut fragment.node.selection_set.node)
                }
            };
            cost = cost.and(more);
        }
        cost
    }

    fn condition(&mut self, pos: Pos, on: &Name) {
        match self.shape.get(on) {
            Some(Type::Composite(_)) => {}
            Some(_) => self.error(pos, format!("A fragment cannot be on \"{on}\", which has no fields.")),
            None => self.error(pos, format!("Unknown type \"{on}\".")),
        }
    }

    fn spread(&mut self, pos: Pos, name: &Name) -> Cost {
        if let Some((_, cost)) = self.done.get(name) {
            return *cost;
        }
        let Some(mut fragment) = self.fragments.remove(name) else {
            self.error(
                pos,
                format!("Unknown fragment \"{name}\", or one that contains itself."),
            );
            return Cost::default();
        };
        let on = fragment.node.type_condition.node.on.node.clone();
        self.condition(fragment.pos, &on);
        self.directives(&mut fragment.node.directives);
        let cost = self.selections(&on, &mut fragment.node.selection_set.node);
        self.done.insert(name.clone(), (fragment, cost));
        cost
    }

    fn field(&mut self, on: &Name, pos: Pos, field: &mut Field) -> Cost {
        let one = Cost {
            fields: 1,
            ..Cost::default()
        };
        if field.name.node == "__typename" {
            return one;
        }
        let found = match self.shape.get(on) {
            Some(Type::Composite(fields)) => fields.find(&field.name.node),
            _ => return one, // was told where the type stands
        };
        let Some((name, shape)) = found else {
            self.error(
                pos,
                format!("Cannot query field \"{}\" on type \"{on}\".", field.name.node),
            );
            return one;
        };
        respell(field, name);
        check_arguments(
            &self.given,
            &shape.arguments,
            &mut field.arguments,
            (pos, name.as_str()),
            &mut self.errors,
        );
        let inner = self.inner(pos, field, shape);
        self.priced(on, field, shape, inner)
    }

    fn inner(&mut self, pos: Pos, field: &mut Field, shape: &FieldShape) -> Cost {
        let (name, base) = (&field.name.node, &shape.base);
        match (self.shape.get(base), field.selection_set.node.items.is_empty()) {
            (Some(Type::Composite(_)), false) => self.selections(base, &mut field.selection_set.node),
            (Some(Type::Composite(_)), true) => {
                self.error(
                    pos,
                    format!("Field \"{name}\" of type \"{base}\" needs a selection of fields."),
                );
                Cost::default()
            }
            (_, false) => {
                self.error(
                    pos,
                    format!("Field \"{name}\" of type \"{base}\" has no fields to select."),
                );
                Cost::default()
            }
            (_, true) => Cost::default(),
        }
    }

    fn priced(&self, on: &Name, field: &Field, shape: &FieldShape, inner: Cost) -> Cost {
        let is_about_schema = on.starts_with("__") || field.name.node.starts_with("__");
        let own = shape.own_queries * QUERY;
        let fields = inner
            .fields
            .saturating_add(if is_about_schema { INTROSPECTION } else { 1 });
        let lists = inner.lists + u32::from(introspection::is_long_list(on, &field.name.node));
        if field.name.node == "elements" {
            // How many rows there are is said by the field around.
            return Cost {
                fields,
                queries: own,
                per_row: inner.queries,
                lists,
            };
        }
        let rows = self.rows(field, &shape.arguments);
        let inner_queries = if shape.is_list {
            inner.queries.saturating_mul(rows)
        } else {
            inner.queries
        };
        let queries = own
            .saturating_add(inner_queries)
            .saturating_add(inner.per_row.saturating_mul(rows));
        Cost {
            fields,
            queries,
            per_row: 0,
            lists,
        }
    }

    /// How many rows a field may have.
    fn rows(&self, field: &Field, arguments: &Named<super::shape::Input>) -> u64 {
        let Some((_, limit)) = arguments.find("limit") else {
            return USUAL_ROWS;
        };
        let given = match field.get_argument("limit").map(|value| &value.node) {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::Variable(name)) => self.given.number(name),
            _ => None,
        };
        let default = match &limit.default {
            Some(ConstValue::Number(number)) => number.as_u64(),
            _ => None,
        };
        given.or(default).unwrap_or(USUAL_ROWS).min(u64::from(MOST_LIMIT))
    }

    fn directives(&mut self, directives: &mut [Positioned<Directive>]) {
        for directive in directives {
            let pos = directive.pos;
            let name = directive.node.name.node.clone();
            if !matches!(name.as_str(), "skip" | "include") {
                self.error(pos, format!("Unknown directive \"@{name}\"."));
            } else if directive.node.get_argument("if").is_none() {
                self.error(pos, format!("Directive \"@{name}\" needs the argument \"if\"."));
            }
            for (_, value) in &directive.node.arguments {
                self.given.check_defined(&value.node, value.pos, &mut self.errors);
            }
        }
    }
}

/// Gives a field the schema's name; the answer keeps the key that was asked for.
fn respell(field: &mut Field, name: &Name) {
    if field.name.node != *name {
        let asked = std::mem::replace(&mut field.name.node, name.clone());
        let pos = field.name.pos;
        field.alias.get_or_insert(Positioned::new(asked, pos));
    }
}

//! Variables, arguments and input objects: spelled as the schema does, complete, and absent where they are absent.
//!
//! The library takes a variable that was not sent for `null`. "Absent" and `null` are different things (`api.md`,
//! rule 4), so an argument whose variable was not sent is taken out of the document (specification §6.4.1).

use super::shape::{Input, Named, Shape, Type, base};
use async_graphql::{Name, Pos, ServerError, Value as ConstValue, Variables};
use async_graphql_parser::{
    Positioned,
    types::{OperationDefinition, VariableDefinition},
};
use async_graphql_value::Value;
use std::collections::HashSet;

/// The variables of an operation.
pub(super) struct Given<'s> {
    shape: &'s Shape,
    defined: HashSet<Name>,
    /// Sent, or with a default; `None` where it is not known yet.
    values: Option<Variables>,
}

impl<'s> Given<'s> {
    /// Checks what was sent against what the operation says of its variables, and completes it with its defaults.
    pub(super) fn new(
        shape: &'s Shape,
        operation: &OperationDefinition,
        mut variables: Option<&mut Variables>,
        errors: &mut Vec<ServerError>,
    ) -> Self {
        let mut defined = HashSet::new();
        for definition in &operation.variable_definitions {
            if !defined.insert(definition.node.name.node.clone()) {
                let message = format!("Variable \"${}\" is defined twice.", definition.node.name.node);
                errors.push(ServerError::new(message, Some(definition.pos)));
            }
            if let Err(message) = complete(shape, &definition.node, variables.as_deref_mut()) {
                errors.push(ServerError::new(message, Some(definition.pos)));
            }
        }
        Self {
            shape,
            defined,
            values: variables.map(|variables| variables.clone()),
        }
    }

    /// The number that a variable holds.
    pub(super) fn number(&self, name: &Name) -> Option<u64> {
        match self.values.as_ref()?.get(name) {
            Some(ConstValue::Number(number)) => number.as_u64(),
            _ => None,
        }
    }

    /// Tells of variables in a value that the operation does not define.
    pub(super) fn check_defined(&self, value: &Value, pos: Pos, errors: &mut Vec<ServerError>) {
        match value {
            Value::Variable(name) if !self.defined.contains(name) => {
                errors.push(ServerError::new(
                    format!("Variable \"${name}\" is not defined."),
                    Some(pos),
                ));
            }
            Value::List(items) => items.iter().for_each(|item| self.check_defined(item, pos, errors)),
            Value::Object(map) => map.values().for_each(|item| self.check_defined(item, pos, errors)),
            _ => {}
        }
    }

    /// A variable that was not sent and has no default.
    fn is_absent(&self, value: &Value) -> bool {
        match (value, &self.values) {
            (Value::Variable(name), Some(values)) => !values.contains_key(name),
            _ => false,
        }
    }
}

/// Checks one variable, spells the keys in it, and fills in its default.
fn complete(shape: &Shape, definition: &VariableDefinition, variables: Option<&mut Variables>) -> Result<(), String> {
    let name = &definition.name.node;
    let ty = &definition.var_type.node;
    match shape.get(base(ty)) {
        Some(Type::Leaf | Type::Input(_)) => {}
        Some(Type::Composite(_)) => return Err(format!("Variable \"${name}\" cannot be of type \"{ty}\".")),
        None => return Err(format!("Unknown type \"{}\".", base(ty))),
    }
    let Some(variables) = variables else { return Ok(()) };
    match (variables.get_mut(name), &definition.default_value) {
        (Some(ConstValue::Null), _) if !ty.nullable => {
            Err(format!("Variable \"${name}\" of type \"{ty}\" must not be null."))
        }
        (Some(value), _) => respell_constant(shape, base(ty), value),
        (None, Some(default)) => {
            variables.insert(name.clone(), default.node.clone());
            Ok(())
        }
        (None, None) if ty.nullable => Ok(()),
        (None, None) => Err(format!(
            "Variable \"${name}\" of type \"{ty}\" is required and was not sent."
        )),
    }
}

/// Spells the keys of input objects in a value.
fn respell_constant(shape: &Shape, ty: &Name, value: &mut ConstValue) -> Result<(), String> {
    match (value, shape.get(ty)) {
        (ConstValue::List(items), _) => items.iter_mut().try_for_each(|item| respell_constant(shape, ty, item)),
        (ConstValue::Object(map), Some(Type::Input(keys))) => {
            for (key, mut value) in std::mem::take(map) {
                let (name, input) = keys.find(&key).ok_or_else(|| unknown_key(&key, ty))?;
                respell_constant(shape, &input.base, &mut value)?;
                map.insert(name.clone(), value);
            }
            missing(keys, |name| map.contains_key(name)).map_or(Ok(()), |key| Err(missing_key(key, ty)))
        }
        _ => Ok(()),
    }
}

/// Checks the arguments of a field, spells them, and takes out those that are absent.
pub(super) fn check_arguments(
    given: &Given<'_>,
    known: &Named<Input>,
    arguments: &mut Vec<(Positioned<Name>, Positioned<Value>)>,
    (pos, field): (Pos, &str),
    errors: &mut Vec<ServerError>,
) {
    let mut seen = HashSet::new();
    for (name, value) in arguments.iter_mut() {
        given.check_defined(&value.node, value.pos, errors);
        let Some((spelled, input)) = known.find(&name.node) else {
            let message = format!("Unknown argument \"{}\" on field \"{field}\".", name.node);
            errors.push(ServerError::new(message, Some(name.pos)));
            continue;
        };
        if !seen.insert(spelled.clone()) {
            let message = format!("Argument \"{spelled}\" on field \"{field}\" is given twice.");
            errors.push(ServerError::new(message, Some(name.pos)));
        }
        name.node = spelled.clone();
        if let Err(message) = respell(given, &input.base, &mut value.node) {
            errors.push(ServerError::new(message, Some(value.pos)));
        }
    }
    arguments.retain(|(_, value)| !given.is_absent(&value.node));
    if let Some((name, input)) = required(known).find(|(name, _)| !arguments.iter().any(|(one, _)| one.node == **name))
    {
        let message = format!(
            "Argument \"{name}\" of type \"{}\" on field \"{field}\" is required.",
            input.ty
        );
        errors.push(ServerError::new(message, Some(pos)));
    }
}

/// Spells the keys of input objects in a value that may hold variables.
fn respell(given: &Given<'_>, ty: &Name, value: &mut Value) -> Result<(), String> {
    match (value, given.shape.get(ty)) {
        (Value::List(items), _) => items.iter_mut().try_for_each(|item| {
            if given.is_absent(item) {
                *item = Value::Null;
            }
            respell(given, ty, item)
        }),
        (Value::Object(map), Some(Type::Input(keys))) => {
            for (key, mut value) in std::mem::take(map) {
                let (name, input) = keys.find(&key).ok_or_else(|| unknown_key(&key, ty))?;
                respell(given, &input.base, &mut value)?;
                if !given.is_absent(&value) {
                    map.insert(name.clone(), value);
                }
            }
            missing(keys, |name| map.contains_key(name)).map_or(Ok(()), |key| Err(missing_key(key, ty)))
        }
        _ => Ok(()),
    }
}

fn required(inputs: &Named<Input>) -> impl Iterator<Item = (&Name, &Input)> {
    inputs.iter().filter(|(_, input)| input.is_required())
}

fn missing(inputs: &Named<Input>, is_there: impl Fn(&Name) -> bool) -> Option<&Name> {
    required(inputs).map(|(name, _)| name).find(|name| !is_there(name))
}

fn unknown_key(key: &str, ty: &Name) -> String {
    format!("Unknown field \"{key}\" in \"{ty}\".")
}

fn missing_key(key: &str, ty: &Name) -> String {
    format!("Field \"{key}\" of \"{ty}\" is required.")
}

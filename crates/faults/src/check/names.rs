//! What objects can be called, by the operator's own naming.

use super::{Ground, Refusal};
use api::names;

/// A plan's owner: the group or one of its nodes.
pub(super) fn owner(field: &str, name: &str, ground: &Ground<'_>) -> Result<(), Refusal> {
    if name == ground.group { Ok(()) } else { node(field, name, ground) }
}

/// A node of the group.
pub(super) fn node(field: &str, name: &str, ground: &Ground<'_>) -> Result<(), Refusal> {
    if is_node(name, ground.group) {
        return Ok(());
    }
    let group = ground.group;
    let expected = format!("{name:?} can be no node of the group; expected {group}-0, or {group}-g2-0 for an entrant of generation 2");
    Err((field.to_owned(), expected))
}

/// An entrant of the group.
pub(super) fn entrant(field: &str, name: &str, ground: &Ground<'_>) -> Result<(), Refusal> {
    if is_node(name, ground.group) && name.strip_prefix(ground.group).is_some_and(|rest| rest.starts_with("-g")) {
        return Ok(());
    }
    let expected = format!("{name:?} can be no entrant of the group; expected {}-g2-0 for generation 2", ground.group);
    Err((field.to_owned(), expected))
}

/// An object of a kind.
pub(super) fn object(field: &str, kind: &str, name: &str, ground: &Ground<'_>) -> Result<(), Refusal> {
    let group = ground.group;
    let of_node = |stem: Option<&str>| stem.is_some_and(|stem| is_node(stem, group) || stem == names::exporter(group));
    let (fits, example) = match kind {
        "SeiNodeDeployment" | "AuthorizationPolicy" | "ServiceMonitor" => (name == group, group.to_owned()),
        "HTTPRoute" => (name == group || name.strip_prefix(group).is_some_and(|rest| rest.starts_with('-')), format!("{group}-rpc")),
        "SeiNode" | "StatefulSet" | "Sidecar" => (of_node(Some(name)), format!("{group}-0 or {group}-g2-0")),
        "Service" => {
            let external = names::external_service(group);
            (name == external || of_node(Some(name)), format!("{external}, {group}-0 or {group}-g2-0"))
        }
        "Job" => (of_node(name.strip_suffix("-bootstrap")), format!("{group}-g2-0-bootstrap")),
        "PersistentVolumeClaim" => (of_node(name.strip_prefix("data-")), format!("data-{group}-0")),
        "Pod" => {
            let fits = of_node(name.strip_suffix("-0")) || of_node(name.strip_suffix("-bootstrap"));
            (fits, format!("{group}-g2-0-0, or {group}-g2-0-bootstrap for a bootstrap's"))
        }
        _ => (true, String::new()),
    };
    if fits { Ok(()) } else { Err((field.to_owned(), format!("{name:?} can be no {kind} of the group; expected {example}"))) }
}

/// `{group}-{ordinal}`, and `{group}-g{generation}-{ordinal}` for an entrant.
fn is_node(name: &str, group: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = name.strip_prefix(group).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| match rest.strip_prefix('g').and_then(|rest| rest.split_once('-')) {
        Some((generation, ordinal)) => number(generation) && number(ordinal),
        None => number(rest),
    })
}

//! The few schemas that the types do not say by themselves: where the operator's Go types are looser or stricter than ours.

use schemars::{Schema, SchemaGenerator, json_schema};

/// A Go `int`: an integer without a format.
pub(crate) fn int(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer" })
}

/// A `metav1.Time`.
pub(crate) fn date_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

/// A `runtime.RawExtension`: anything.
pub(crate) fn opaque(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "x-kubernetes-preserve-unknown-fields": true })
}

/// A `corev1.ResourceRequirements`.
pub(crate) fn resource_requirements(_: &mut SchemaGenerator) -> Schema {
    let quantity = json_schema!({
        "pattern": r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$",
        "x-kubernetes-int-or-string": true,
    });
    json_schema!({
        "description": "Its resources.",
        "type": "object",
        "properties": {
            "claims": {
                "description": "Claimed resources, by name.",
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": { "name": { "type": "string" }, "request": { "type": "string" } },
                    "required": ["name"],
                },
                "x-kubernetes-list-map-keys": ["name"],
                "x-kubernetes-list-type": "map",
            },
            "limits": { "description": "The most it may use.", "type": "object", "additionalProperties": quantity },
            "requests": { "description": "What is set aside for it.", "type": "object", "additionalProperties": quantity },
        },
    })
}

/// A list of `corev1.LoadBalancerIngress`.
pub(crate) fn load_balancer_ingress(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Its addresses.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "hostname": { "type": "string" },
                "ip": { "type": "string" },
                "ipMode": { "type": "string" },
                "ports": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "error": {
                                "type": "string",
                                "maxLength": 316,
                                "pattern": QUALIFIED_NAME,
                            },
                            "port": { "type": "integer", "format": "int32" },
                            "protocol": { "type": "string" },
                        },
                        "required": ["error", "port", "protocol"],
                    },
                    "x-kubernetes-list-type": "atomic",
                },
            },
        },
    })
}

/// A CamelCase name, after a DNS prefix or alone.
const QUALIFIED_NAME: &str =
    r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$";

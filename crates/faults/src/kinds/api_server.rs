//! Calls to the API server fail, before they take effect or after.

use super::{Kind, Layer, What};
use crate::lapse::Lapse;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU32;

/// Faults of calls. All but the last two strike at a call, which they befall, and at as many effective calls after it as they say.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "camelCase", deny_unknown_fields)]
pub enum ApiServerFault {
    /// 409 Conflict, though nothing conflicts.
    Conflict {
        /// How many calls.
        calls: NonZeroU32,
    },
    /// 500 Internal Server Error. The call landed if the fault strikes after its effect, and did not if before.
    InternalError {
        /// How many calls.
        calls: NonZeroU32,
    },
    /// 503 Service Unavailable. Landed or not as above.
    Unavailable {
        /// How many calls.
        calls: NonZeroU32,
    },
    /// 504 Gateway Timeout. Landed or not as above.
    Timeout {
        /// How many calls.
        calls: NonZeroU32,
    },
    /// 429 Too Many Requests; nothing has changed.
    TooManyRequests {
        /// How many calls.
        calls: NonZeroU32,
    },
    /// A create lands, its reply is lost, and the client's own retry is answered 409 AlreadyExists.
    CreateRetried,
    /// Every effective call takes longer.
    SlowCalls {
        /// How much.
        by: Lapse,
        /// For how long.
        lasts: Lapse,
    },
    /// The API server closes every watch of the operator, which lists again at once.
    WatchClosed,
}

impl From<ApiServerFault> for What {
    fn from(fault: ApiServerFault) -> Self {
        Self::ApiServer(fault)
    }
}

impl ApiServerFault {
    /// Whether it befalls the call at which it strikes.
    pub fn befalls_its_call(&self) -> bool {
        !matches!(self, Self::SlowCalls { .. } | Self::WatchClosed)
    }
}

impl fmt::Display for ApiServerFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answered = |f: &mut fmt::Formatter<'_>, calls: &NonZeroU32, code: &str| match calls.get() {
            1 => write!(f, "it is answered {code}"),
            n => write!(f, "it and the {} calls after it are answered {code}", n - 1),
        };
        match self {
            Self::Conflict { calls } => answered(f, calls, "409 Conflict"),
            Self::InternalError { calls } => answered(f, calls, "500"),
            Self::Unavailable { calls } => answered(f, calls, "503"),
            Self::Timeout { calls } => answered(f, calls, "504"),
            Self::TooManyRequests { calls } => answered(f, calls, "429"),
            Self::CreateRetried => f.write_str("its reply is lost, and its retry is answered 409 AlreadyExists"),
            Self::SlowCalls { by, lasts } => write!(f, "calls to the API server take {by} longer, for {lasts}"),
            Self::WatchClosed => f.write_str("the API server closes the operator's watches"),
        }
    }
}

macro_rules! answered {
    ($name:literal, $variant:ident, also_after: $also_after:literal) => {
        Kind {
            name: $name,
            layer: Layer::ApiCall,
            draw: |d, o| {
                let calls = *d.pick(&[1, 1, 2, 5]).expect("four counts");
                let calls = NonZeroU32::new(calls).expect("no count is 0");
                d.at_api_call(o, $also_after, ApiServerFault::$variant { calls })
            },
        }
    };
}

pub(super) const KINDS: &[Kind] = &[
    answered!("conflict", Conflict, also_after: false),
    answered!("internal-error", InternalError, also_after: true),
    answered!("unavailable", Unavailable, also_after: true),
    answered!("timeout", Timeout, also_after: true),
    answered!("too-many-requests", TooManyRequests, also_after: false),
    Kind { name: "create-retried", layer: Layer::ApiCall, draw: |d, o| d.at_create(o, ApiServerFault::CreateRetried) },
    Kind {
        name: "slow-calls",
        layer: Layer::ApiCall,
        draw: |d, o| {
            let (by, lasts) = (d.lapse(1, 20), d.lapse(20, 1200));
            d.anytime(o, ApiServerFault::SlowCalls { by, lasts })
        },
    },
    Kind { name: "watch-closed", layer: Layer::Operator, draw: |d, o| d.anytime(o, ApiServerFault::WatchClosed) },
];

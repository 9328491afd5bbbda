//! Prints what a world tells while it runs, a line an event: as text with the virtual time first, or as JSON Lines.

use serde_json::Value;
use std::fmt;
use std::io::{self, Write};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::registry::LookupSpan;

/// A listener on standard output.
#[derive(Clone, Copy)]
pub struct Listener {
    /// Whether it prints JSON.
    pub json: bool,
}

impl Listener {
    /// Listens while something runs on this thread.
    pub fn listen<R>(self, run: impl FnOnce() -> R) -> R {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(Stdout).event_format(self).finish();
        tracing::subscriber::with_default(subscriber, run)
    }
}

impl<S, N> FormatEvent<S, N> for Listener
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        // What is told outside of a step is told by a copy of the world, which tries what would happen.
        if event.metadata().target() != testbed::TRACE_TARGET || context.lookup_current().is_none() {
            return Ok(());
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        if self.json {
            return writeln!(writer, "{}", Value::Object(fields.0.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()));
        }
        let of = |name: &str| fields.0.iter().find(|(held, _)| *held == name).map(|(_, value)| text(value)).unwrap_or_default();
        write!(writer, "{}  {}", of("at"), of("message"))?;
        for (name, value) in fields.0.iter().filter(|(name, _)| !matches!(*name, "at" | "message")) {
            let value = text(value);
            if value.is_empty() || value.contains(char::is_whitespace) {
                write!(writer, " {name}={value:?}")?;
            } else {
                write!(writer, " {name}={value}")?;
            }
        }
        writeln!(writer)
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The fields of an event, in their order.
#[derive(Default)]
struct Fields(Vec<(&'static str, Value)>);

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.push((field.name(), value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.push((field.name(), value.into()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.push((field.name(), format!("{value:?}").into()));
    }
}

/// Standard output, whose reader may go away: that is no error.
#[derive(Clone, Copy)]
struct Stdout;

impl Write for Stdout {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _reader_gone = io::stdout().lock().write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Stdout {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

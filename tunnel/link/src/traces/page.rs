//! Spans that a page measured itself. It reaches no collector, so its hub tells them, as the service `openpam-page`.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanId, SpanKind, Status};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor};

use super::{LAST_PATIENCE, Parent, exporter, resource, wanted};

const SERVICE: &str = "openpam-page";

/// Tells what pages measured. What waits is bounded; beyond, it is dropped.
#[derive(Debug)]
pub struct PageTraces {
    processor: BatchSpanProcessor,
}

/// One span of a page.
#[derive(Debug)]
pub struct PageSpan {
    /// What the page said that its hub's spans stand below: this.
    pub itself: Parent,
    /// What it measured.
    pub name: &'static str,
    /// When it was over, by this machine's clock: pages have clocks of their own.
    pub ended: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// Whether it came to what was wanted.
    pub ok: bool,
    /// Name and value.
    pub attributes: Vec<(&'static str, String)>,
}

impl PageTraces {
    /// `None` where no collector is named, or wrongly, which the log's start has said.
    #[must_use]
    pub fn new() -> Option<Self> {
        let exporter = if wanted() { exporter().ok()? } else { return None };
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        processor.set_resource(&resource(SERVICE));
        Some(Self { processor })
    }

    /// Tells it, in a moment.
    pub fn tell(&self, span: PageSpan) {
        self.processor.on_end(SpanData {
            span_context: span.itself.0,
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Client,
            name: span.name.into(),
            start_time: span.ended.checked_sub(span.took).unwrap_or(span.ended),
            end_time: span.ended,
            attributes: span.attributes.into_iter().map(|(key, value)| KeyValue::new(key, value)).collect(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: if span.ok { Status::Unset } else { Status::error("") },
            instrumentation_scope: InstrumentationScope::builder(SERVICE).build(),
        });
    }

    /// Tells what waits; the last thing. Blocks for two seconds at most.
    pub fn flush(&self) {
        if let Err(error) = self.processor.shutdown_with_timeout(LAST_PATIENCE) {
            tracing::debug!(%error, "the last spans of pages were not told");
        }
    }
}

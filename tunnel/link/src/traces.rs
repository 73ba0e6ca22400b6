//! Traces: what was asked for, and how long each step took, told to a collector over OTLP (OpenTelemetry).
//!
//! Only where `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; the specification's other
//! variables hold, too. A trace is made of our spans of level `debug`; those of `info` tell the log whom a line belongs to,
//! and may last for hours. What waits for a collector that does not answer is bounded, and dropped beyond.

pub mod page;

use std::collections::HashMap;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{SpanContext, TraceContextExt, TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::resource::EnvResourceDetector;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::{Level, Metadata, Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::registry::LookupSpan;

/// Traces are told where one of these names a collector.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
/// As the specification has it.
const DISABLED: &str = "OTEL_SDK_DISABLED";
const SERVICE_NAME: &str = "OTEL_SERVICE_NAME";
/// A collector answers within this.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// At the end, what waits is told within this.
const LAST_PATIENCE: Duration = Duration::from_secs(2);
/// The name of W3C's Trace Context, as header, query parameter and field.
pub const TRACEPARENT: &str = "traceparent";

static TOLD: OnceLock<SdkTracerProvider> = OnceLock::new();

/// Whether a collector is named.
#[must_use]
pub fn wanted() -> bool {
    let set = |name: &str| std::env::var(name).is_ok_and(|value| !value.trim().is_empty());
    ENDPOINTS.iter().any(|name| set(name)) && !std::env::var(DISABLED).is_ok_and(|value| value == "true")
}

/// The layer that makes a trace of our spans, if a collector is named; `service` names the program.
///
/// # Errors
/// If a variable cannot be read.
pub(crate) fn layer<S>(service: &'static str) -> Result<Option<impl Layer<S>>, ExporterBuildError>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    if !wanted() {
        return Ok(None);
    }
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter()?)
        .with_resource(resource(service))
        .build();
    let tracer = provider.tracer(env!("CARGO_PKG_NAME"));
    // A second start in one process (tests) keeps the first.
    let _ = TOLD.set(provider);
    let layer = tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_tracked_inactivity(false);
    Ok(Some(layer.with_filter(filter_fn(is_told))))
}

/// Our own spans, and of what is logged within them what an operator reads.
fn is_told(metadata: &Metadata<'_>) -> bool {
    let level = *metadata.level();
    let told = if metadata.is_span() { level == Level::DEBUG } else { level <= Level::INFO };
    told && metadata.target().starts_with("openpam_")
}

/// Tells the collector what it does not know yet. Blocks for two seconds at most.
pub(crate) fn flush() {
    if let Some(provider) = TOLD.get()
        && let Err(error) = provider.shutdown_with_timeout(LAST_PATIENCE)
    {
        tracing::debug!(%error, "the last spans were not told");
    }
}

/// Makes `span`, which has not been entered, part of the trace that the other end said. What is no W3C trace context is
/// passed over.
pub fn continues(span: &Span, traceparent: Option<&str>) {
    if let Some(parent) = traceparent.filter(|_| !span.is_disabled()).and_then(Parent::parse) {
        // Refused where no collector is named.
        let _ = span.set_parent(Context::new().with_remote_span_context(parent.0));
    }
}

/// Version, trace, span and flags, in hexadecimal digits.
const PART_LENGTHS: [usize; 4] = [2, 32, 16, 2];

/// A span of somebody else's, and its trace.
#[derive(Clone, Debug)]
pub struct Parent(SpanContext);

impl Parent {
    /// What the header `traceparent` says, if it says a trace context of W3C's in the one version that there is.
    #[must_use]
    pub fn parse(traceparent: &str) -> Option<Self> {
        // The propagator also takes numbers of other lengths.
        let parts: Vec<&str> = traceparent.split('-').collect();
        let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
        if lengths != PART_LENGTHS || parts.first() != Some(&"00") || !parts.iter().all(is_hex) {
            return None;
        }
        let carrier = HashMap::from([(TRACEPARENT.to_owned(), traceparent.to_owned())]);
        let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &carrier);
        let said = context.span().span_context().clone();
        said.is_valid().then_some(Self(said))
    }
}

/// What to tell the next node, so that its spans stand below `span`; `None` where no collector is named.
#[must_use]
pub fn traceparent(span: &Span) -> Option<String> {
    let mut carrier = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut carrier);
    carrier.remove(TRACEPARENT)
}

/// Who tells: `service`, unless the specification's variables say otherwise.
fn resource(service: &'static str) -> Resource {
    let told = Resource::builder_empty().with_service_name(service);
    let told = told.with_detector(Box::new(EnvResourceDetector::new()));
    match std::env::var(SERVICE_NAME) {
        Ok(name) if !name.is_empty() => told.with_service_name(name).build(),
        _ => told.build(),
    }
}

fn exporter() -> Result<SpanExporter, ExporterBuildError> {
    let client = Client::new().map_err(|error| ExporterBuildError::InternalFailure(error.to_string()))?;
    SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_http_client(client).build()
}

/// Sends from the exporter's own thread, which has no runtime.
#[derive(Debug)]
struct Client {
    runtime: tokio::runtime::Runtime,
    http: reqwest::Client,
}

impl Client {
    fn new() -> Result<Self, HttpError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let http = reqwest::Client::builder().timeout(ANSWER_PATIENCE).build()?;
        Ok(Self { runtime, http })
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        self.runtime.block_on(self.http.send_bytes(request))
    }
}

#[cfg(test)]
mod tests {
    use super::Parent;

    #[test]
    fn only_a_whole_trace_context_is_one() {
        let (trace, span) = ("9e77d3195024fb7603ebfc1f0a55e10a", "2045bc10c52b2335");
        assert!(Parent::parse(&format!("00-{trace}-{span}-4c")).is_some());
        for wrong in [
            format!("00-{trace}-{span}-4"),
            format!("00-{trace}-{span}-+4"),
            format!("00-{trace}-{span}-4c-"),
            format!("01-{trace}-{span}-4c"),
            format!("00-{}-{span}-4c", trace.to_uppercase()),
            format!("00-{}-{span}-4c", "0".repeat(32)),
            format!("00-{trace}-{}-4c", "0".repeat(16)),
            String::new(),
        ] {
            assert!(Parent::parse(&wrong).is_none(), "{wrong}");
        }
    }
}

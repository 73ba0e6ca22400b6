//! What a store of recordings said, for people: an error's own words and its innermost cause, in a line. Of an answer in
//! XML (the S3 protocol's errors) the code and the message.

use std::error::Error;

/// Longer words are cut: a proxy may answer with a page.
const MAX_CHARS: usize = 300;

/// The error's own words and its cause. What the store's client says at length is told by its cause alone.
#[must_use]
pub fn why(error: &(dyn Error + 'static)) -> String {
    if error.is::<object_store::Error>() {
        return cause(error);
    }
    let (outer, cause) = (line(&error.to_string()), cause(error));
    if outer.contains(&cause) { outer } else { format!("{outer}: {cause}") }
}

/// The innermost cause alone.
#[must_use]
pub fn cause(error: &(dyn Error + 'static)) -> String {
    let cause = innermost(error);
    answer(&cause).unwrap_or_else(|| line(&cause))
}

/// The code of what a store answered, such as `AccessDenied`.
#[must_use]
pub fn code(error: &(dyn Error + 'static)) -> Option<String> {
    element(&innermost(error), "Code").map(line)
}

fn innermost(mut error: &(dyn Error + 'static)) -> String {
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn answer(text: &str) -> Option<String> {
    let code = element(text, "Code")?;
    let message = element(text, "Message").filter(|message| !message.is_empty());
    Some(line(&message.map_or_else(|| code.to_owned(), |message| format!("{code}: {message}"))))
}

fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    Some(rest.split_once(&format!("</{name}>"))?.0)
}

fn line(text: &str) -> String {
    let plain = |character: char| if character.is_control() { ' ' } else { character };
    text.trim().chars().map(plain).take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("recordings")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Inner(&'static str);

    #[test]
    fn an_answer_in_xml_is_told_by_its_code_and_message_and_all_else_by_its_cause() {
        let refused = Outer(Inner(
            "status 403: <?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Access\nDenied</Message></Error>",
        ));
        assert_eq!(why(&refused), "recordings: AccessDenied: Access Denied");
        assert_eq!(code(&refused).as_deref(), Some("AccessDenied"));
        let away = Outer(Inner("connection refused"));
        assert_eq!((why(&away).as_str(), code(&away)), ("recordings: connection refused", None));
        assert_eq!(why(&Inner("alone")), "alone");
        assert_eq!(why(&Inner("<html>".repeat(1000).leak())).chars().count(), MAX_CHARS);
    }
}

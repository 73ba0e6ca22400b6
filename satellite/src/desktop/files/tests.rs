use openpam_proto::guacamole;

use super::*;

const MAY: Transfer = Transfer { copy: false, paste: false, download: true, upload: true };

/// A conversation, with whatever it led to.
struct Talk {
    files: Files,
    moved: Vec<Moved>,
    blocked: Vec<Blocked>,
}

impl Talk {
    fn new(transfer: Transfer) -> Self {
        let mut files = Files::new(transfer);
        files.has_room(1 << 20);
        Self { files, moved: Vec::new(), blocked: Vec::new() }
    }

    /// What guacd and the browser are told then.
    fn keep(&mut self, spoken: Spoken) -> (String, String) {
        self.moved.extend(spoken.moved);
        self.blocked.extend(spoken.blocked);
        (spoken.guacd, spoken.browser.concat())
    }

    fn guacd(&mut self, elements: &[&str]) -> (String, String) {
        let (text, mut spoken) = (guacamole::instruction(elements), Spoken::default());
        self.files.of_guacd(first(&text), &mut spoken);
        self.keep(spoken)
    }

    fn browser(&mut self, elements: &[&str]) -> (String, String) {
        let (text, mut spoken) = (guacamole::instruction(elements), Spoken::default());
        self.files.of_browser(first(&text), Instant::now(), &mut spoken);
        self.keep(spoken)
    }

    fn begin(&mut self) -> (String, String) {
        let mut spoken = Spoken::default();
        self.files.begin(&mut spoken);
        self.keep(spoken)
    }
}

fn first(text: &str) -> Instruction<'_> {
    Instruction::first(text.as_bytes()).expect("well-formed").expect("whole")
}

fn said(elements: &[&str]) -> String {
    guacamole::instruction(elements)
}

fn to_guacd(elements: &[&str]) -> (String, String) {
    (said(elements), String::new())
}

fn to_browser(elements: &[&str]) -> (String, String) {
    (String::new(), said(elements))
}

/// SHA-256 of "abcd", in hexadecimal.
const ABCD: &str = "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589";

#[test]
fn a_file_goes_up_under_guacds_own_numbers_and_is_booked_once_it_took_all_of_it() {
    let mut talk = Talk::new(MAY);
    assert_eq!(talk.guacd(&["filesystem", "0", "OpenPAM"]), to_browser(&["filesystem", "0", "OpenPAM"]));
    let put = ["put", "0", "77", "text/plain", "/a"];
    assert_eq!(talk.browser(&put), to_guacd(&["put", "0", "0", "text/plain", "/a"]));
    assert_eq!(talk.guacd(&["ack", "0", "OK", "0"]), to_browser(&["ack", "77", "OK", "0"]));
    assert_eq!(talk.browser(&["blob", "77", "YWI="]), to_guacd(&["blob", "0", "YWI="]));
    assert_eq!(talk.browser(&["blob", "77", "Y2Q="]), to_guacd(&["blob", "0", "Y2Q="]));
    assert_eq!(talk.browser(&["end", "77"]), to_guacd(&["end", "0"]));
    assert_eq!(talk.browser(&["blob", "77", "Y2Q="]), Default::default(), "it is over");
    talk.guacd(&["ack", "0", "OK", "0"]);
    assert!(talk.moved.is_empty(), "guacd may still have no room for it");
    talk.guacd(&["ack", "0", "OK", "0"]);
    let moved = talk.moved.pop().expect("a file");
    assert_eq!(data_encoding::HEXLOWER.encode(&moved.sha256), ABCD);
    let Moved { is_upload, name, media_type, bytes, whole, .. } = moved;
    assert_eq!(
        (is_upload, name.as_str(), media_type.as_str(), bytes, whole),
        (true, "/a", "text/plain", 4, true)
    );
    let file = ["file", "5", "text/plain", "b"];
    assert_eq!(talk.browser(&file), to_guacd(&["file", "0", "text/plain", "b"]), "the number is free again");
    talk.guacd(&["ack", "0", "FAIL", "512"]);
    assert!(talk.moved.pop().is_some_and(|moved| !moved.whole));
}

#[test]
fn a_file_comes_down_beside_the_pictures_streams() {
    let mut talk = Talk::new(MAY);
    talk.guacd(&["filesystem", "0", "OpenPAM"]);
    assert_eq!(talk.browser(&["get", "0", "/a"]), to_guacd(&["get", "0", "/a"]));
    let body = ["body", "0", "2", "text/plain", "/a"];
    assert_eq!(talk.guacd(&body), to_browser(&["body", "0", "1026", "text/plain", "/a"]));
    assert_eq!(talk.browser(&["ack", "1026", "", "0"]), to_guacd(&["ack", "2", "", "0"]));
    let (guacd, browser) = talk.guacd(&["blob", "2", "YWJjZA=="]);
    assert_eq!(browser, said(&["blob", "1026", "YWJjZA=="]));
    assert_eq!(guacd, said(&["ack", "2", "", "0"]), "the next one may come while this one is on its way");
    assert_eq!(talk.browser(&["ack", "1026", "", "0"]), Default::default());
    assert_eq!(talk.guacd(&["end", "2"]), to_browser(&["end", "1026"]));
    let moved = talk.moved.pop().expect("a file");
    assert!(!moved.is_upload && moved.whole);
    assert_eq!(data_encoding::HEXLOWER.encode(&moved.sha256), ABCD);
    let other = talk.guacd(&["body", "0", "4", "text/plain", "/b"]);
    assert_eq!(other, to_guacd(&["ack", "4", "", GONE]), "nobody asked for it");
    assert_eq!(talk.browser(&["get", "3", "/a"]), Default::default(), "there is no such drive");
}

#[test]
fn each_direction_is_stopped_by_itself_and_a_folders_list_is_for_both() {
    let mut up = Talk::new(Transfer { download: false, ..MAY });
    up.guacd(&["filesystem", "0", "OpenPAM"]);
    up.browser(&["get", "0", "/"]);
    let list = up.guacd(&["body", "0", "2", FOLDER, "/"]);
    assert_eq!(list, to_browser(&["body", "0", "1026", FOLDER, "/"]));
    up.guacd(&["end", "2"]);
    up.browser(&["get", "0", "/a"]);
    assert_eq!(up.guacd(&["body", "0", "2", "text/plain", "/a"]), to_guacd(&["ack", "2", "", FORBIDDEN]));
    assert_eq!(up.guacd(&["blob", "2", "YWJjZA=="]), Default::default());
    assert_eq!(up.guacd(&["file", "4", "application/pdf", "p"]), to_guacd(&["ack", "4", "", FORBIDDEN]));
    assert_eq!(up.blocked, [Blocked::Download; 2]);
    assert!(up.moved.is_empty(), "a list is no file");
    let mut none = Talk::new(Transfer::default());
    assert_eq!(none.guacd(&["filesystem", "0", "OpenPAM"]), Default::default());
}

#[test]
fn another_browser_gets_what_nobody_has_begun_and_the_rest_is_given_up() {
    let mut talk = Talk::new(MAY);
    talk.guacd(&["filesystem", "0", "OpenPAM"]);
    talk.guacd(&["file", "2", "application/pdf", "begun"]);
    talk.guacd(&["file", "4", "application/pdf", "waits"]);
    talk.browser(&["ack", "1026", "", "0"]);
    talk.browser(&["file", "0", "text/plain", "up"]);
    let told = [said(&["filesystem", "0", "OpenPAM"]), said(&["file", "1028", "application/pdf", "waits"])];
    let given_up = [said(&["end", "0"]), said(&["ack", "2", "", GONE])];
    assert_eq!(talk.begin(), (given_up.concat(), told.concat()));
    let names: Vec<_> = talk.moved.iter().map(|moved| (moved.name.as_str(), moved.whole)).collect();
    assert_eq!(names, [("up", false), ("begun", false)]);
    assert_eq!(talk.browser(&["ack", "1026", "", "0"]), Default::default(), "that one is no more");
}

#[test]
fn what_is_garbled_too_much_or_too_many_ends_that_file_alone() {
    let mut talk = Talk::new(MAY);
    for stream in ["1", "2"] {
        talk.browser(&["file", stream, "text/plain", "a"]);
    }
    let refused = talk.browser(&["blob", "1", "no base64!"]);
    assert_eq!(refused, (said(&["end", "0"]), said(&["ack", "1", "garbled", BAD_REQUEST])));
    talk.files.has_room(2);
    assert_eq!(talk.browser(&["blob", "2", "YWI="]), to_guacd(&["blob", "1", "YWI="]));
    assert!(talk.browser(&["blob", "2", "Y2Q="]).1.contains(TOO_LARGE));
    assert_eq!(talk.moved.iter().map(|moved| moved.bytes).collect::<Vec<_>>(), [0, 2]);
    for stream in 0..MAX_UPLOADS {
        assert!(talk.browser(&["file", &stream.to_string(), "text/plain", "a"]).1.is_empty());
    }
    assert!(talk.browser(&["file", "99", "text/plain", "a"]).1.contains(TOO_MANY));
}

#[test]
fn a_browser_that_takes_nothing_holds_guacd_up_and_a_guacd_that_does_not_wait_is_left() {
    let mut talk = Talk::new(MAY);
    talk.guacd(&["file", "6", "text/plain", "a"]);
    talk.browser(&["ack", "1030", "", "0"]);
    for _ in 0..READ_AHEAD {
        assert_eq!(talk.guacd(&["blob", "6", "YWI="]).0, said(&["ack", "6", "", "0"]));
    }
    assert_eq!(talk.guacd(&["blob", "6", "YWI="]), to_browser(&["blob", "1030", "YWI="]));
    assert_eq!(talk.browser(&["ack", "1030", "", "0"]), to_guacd(&["ack", "6", "", "0"]));
    assert_eq!(talk.guacd(&["blob", "6", "YWI="]), to_browser(&["blob", "1030", "YWI="]));
    let (guacd, browser) = talk.guacd(&["blob", "6", "YWI="]);
    assert_eq!((guacd, browser), (said(&["ack", "6", "", BAD_REQUEST]), said(&["end", "1030"])));
    assert!(talk.moved.pop().is_some_and(|moved| !moved.whole));
}

#[test]
fn asking_for_what_is_not_there_is_bounded_and_forgotten() {
    let mut talk = Talk::new(MAY);
    talk.guacd(&["filesystem", "0", "OpenPAM"]);
    let get = said(&["get", "0", "/none"]);
    let (mut spoken, now) = (Spoken::default(), Instant::now());
    for _ in 0..100 {
        talk.files.of_browser(first(&get), now, &mut spoken);
    }
    assert_eq!(spoken.guacd, get.repeat(MAX_DOWNLOADS));
    talk.files.of_browser(first(&get), now + FORGOTTEN_AFTER, &mut spoken);
    assert_eq!(spoken.guacd, get.repeat(MAX_DOWNLOADS + 1));
}

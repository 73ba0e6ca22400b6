//! Files between a desktop's drive and the browser of its session's own user.
//!
//! guacd gives drives, downloads and prints to the connection's first member alone, which is the session's own: its streams
//! and the browser's are told apart by their numbers here, both ways. What is on its way belongs to the session, not to a
//! picture or a tunnel. Pure; driven by the owner task, which books what came of each file.

mod moving;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use data_encoding::BASE64;
use openpam_proto::desktop::Transfer;
use openpam_proto::guacamole::{Instruction, instruction};

pub use self::moving::{Moved, Moving};
use super::filter::{Blocked, number};

/// What guacd numbers 0 and up, a browser is told as this and up: a picture's own streams are below.
pub const OWN_STREAMS: u32 = 1024;
/// guacd's own bound of what one member may send at a time.
const MAX_UPLOADS: u32 = 64;
/// Folders and files that are fetched at a time. guacd has twice as many streams.
const MAX_DOWNLOADS: usize = 32;
/// What guacd sends it sends piece by piece: the next one when the one before was taken. So many are taken for a browser that has
/// not taken them yet, of all downloads together: a long line carries more than one at a time, and a picture waits for no more.
const READ_AHEAD: usize = 16;
/// guacd says nothing to who asks for what is not there.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(5);
/// guacd's media type of a folder.
const FOLDER: &str = "application/vnd.glyptodon.guacamole.stream-index+json";

/// Status codes of the protocol.
const SUCCESS: &str = "0";
const GONE: &str = "519";
const BAD_REQUEST: &str = "768";
const FORBIDDEN: &str = "771";
const TOO_LARGE: &str = "781";
const TOO_MANY: &str = "797";

/// The files of one session.
#[derive(Debug)]
pub struct Files {
    transfer: Transfer,
    /// The drives, as guacd told them, by their numbers.
    drives: BTreeMap<String, String>,
    /// By the numbers of guacd's member.
    uploads: BTreeMap<u32, Upload>,
    downloads: BTreeMap<u32, Download>,
    /// When somebody asked for what guacd has not answered yet.
    asked: Vec<Instant>,
    /// How many bytes may still be sent to the drive.
    room: u64,
}

#[derive(Debug)]
struct Upload {
    /// As the browser numbers it.
    stream: u32,
    file: Moving,
    /// Whether all of it was sent.
    ended: bool,
    /// How much guacd has not acknowledged.
    ahead: usize,
}

#[derive(Debug)]
struct Download {
    /// `None`: a folder's list.
    file: Option<Moving>,
    /// As the browser is told of it, for one that comes later; until one begins to take it.
    offer: Option<String>,
    /// Whether a browser takes it.
    begun: bool,
    /// Pieces that guacd may send.
    credit: usize,
    /// Pieces that the browser has not taken.
    ahead: usize,
}

impl Download {
    const fn new(file: Option<Moving>, offer: Option<String>) -> Self {
        Self { file, offer, begun: false, credit: 0, ahead: 0 }
    }
}

/// What is to be said and booked after an instruction.
#[derive(Debug, Default)]
pub struct Spoken {
    /// Whole instructions for guacd.
    pub guacd: String,
    /// Instructions for the browser.
    pub browser: Vec<String>,
    /// What came of files.
    pub moved: Vec<Moved>,
    /// What policy stopped.
    pub blocked: Vec<Blocked>,
}

impl Spoken {
    fn ack_guacd(&mut self, stream: u32, code: &str) {
        self.guacd.push_str(&instruction(&["ack", &stream.to_string(), "", code]));
    }

    fn ack_browser(&mut self, stream: u32, message: &str, code: &str) {
        self.browser.push(instruction(&["ack", &stream.to_string(), message, code]));
    }
}

impl Files {
    /// Of a session in which so much may pass.
    #[must_use]
    pub fn new(transfer: Transfer) -> Self {
        Self {
            transfer,
            drives: BTreeMap::new(),
            uploads: BTreeMap::new(),
            downloads: BTreeMap::new(),
            asked: Vec::new(),
            room: 0,
        }
    }

    /// So many bytes may be sent to the drive from now on.
    pub const fn has_room(&mut self, bytes: u64) {
        self.room = bytes;
    }

    /// Another browser is there: it knows nothing of what was on its way to the one before.
    pub fn begin(&mut self, spoken: &mut Spoken) {
        self.give_up(spoken);
        spoken.browser.extend(self.drives.values().cloned());
        spoken.browser.extend(self.downloads.values().filter_map(|download| download.offer.clone()));
    }

    /// What is on its way comes to nothing, but for what nobody has begun to take.
    pub fn give_up(&mut self, spoken: &mut Spoken) {
        for (stream, upload) in std::mem::take(&mut self.uploads) {
            if !upload.ended {
                spoken.guacd.push_str(&instruction(&["end", &stream.to_string()]));
            }
            spoken.moved.push(upload.file.moved(false));
        }
        let begun = |_: &u32, download: &mut Download| download.offer.is_none();
        for (stream, download) in self.downloads.extract_if(.., begun) {
            spoken.ack_guacd(stream, GONE);
            spoken.moved.extend(download.file.map(|file| file.moved(false)));
        }
        self.asked.clear();
    }

    /// What guacd said to the session's own member.
    pub fn of_guacd(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        match said.opcode() {
            "filesystem" if self.transfer.download || self.transfer.upload => {
                self.drives.insert(said.argument(0).to_owned(), said.text().to_owned());
                spoken.browser.push(said.text().to_owned());
            }
            "undefine" if self.drives.remove(said.argument(0)).is_some() => {
                spoken.browser.push(said.text().to_owned());
            }
            "body" => self.answered(said, spoken),
            "file" => self.offered(said, spoken),
            "blob" => self.comes(said, spoken),
            "end" => self.came(said, spoken),
            "ack" => self.taken(said, spoken),
            _ => {}
        }
    }

    /// guacd answers who asked for a folder or a file.
    fn answered(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(stream) = number(said.argument(1)) else { return };
        let (media_type, name) = (said.argument(2), said.argument(3));
        if self.asked.pop().is_none() {
            // Whoever did is not there any more.
            return spoken.ack_guacd(stream, GONE);
        }
        let is_folder = media_type == FOLDER;
        if !is_folder && !self.transfer.download {
            spoken.blocked.push(Blocked::Download);
            return spoken.ack_guacd(stream, FORBIDDEN);
        }
        let told = (stream + OWN_STREAMS).to_string();
        spoken.browser.push(instruction(&["body", said.argument(0), &told, media_type, name]));
        let file = (!is_folder).then(|| Moving::download(name, media_type));
        self.downloads.insert(stream, Download::new(file, None));
    }

    /// The desktop sends or prints a file.
    fn offered(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(stream) = number(said.argument(0)) else { return };
        if !self.transfer.download {
            spoken.blocked.push(Blocked::Download);
            return spoken.ack_guacd(stream, FORBIDDEN);
        }
        let (media_type, name) = (said.argument(1), said.argument(2));
        let offer = instruction(&["file", &(stream + OWN_STREAMS).to_string(), media_type, name]);
        spoken.browser.push(offer.clone());
        let file = Some(Moving::download(name, media_type));
        self.downloads.insert(stream, Download::new(file, Some(offer)));
    }

    fn comes(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(stream) = number(said.argument(0)) else { return };
        let ahead: usize = self.downloads.values().map(|download| download.ahead).sum();
        let Some(download) = self.downloads.get_mut(&stream) else { return };
        let bytes = BASE64.decode(said.argument(1).as_bytes()).ok().filter(|_| download.credit > 0);
        let Some(bytes) = bytes else {
            // guacd does not do such a thing.
            spoken.browser.push(instruction(&["end", &(stream + OWN_STREAMS).to_string()]));
            spoken.ack_guacd(stream, BAD_REQUEST);
            return self.drop_download(stream, spoken);
        };
        download.ahead += 1;
        download.credit -= 1;
        if ahead < READ_AHEAD {
            download.credit += 1;
            spoken.ack_guacd(stream, SUCCESS);
        }
        if let Some(file) = &mut download.file {
            file.goes(&bytes);
        }
        let told = (stream + OWN_STREAMS).to_string();
        spoken.browser.push(instruction(&["blob", &told, said.argument(1)]));
    }

    fn came(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(stream) = number(said.argument(0)) else { return };
        let Some(download) = self.downloads.remove(&stream) else { return };
        spoken.browser.push(instruction(&["end", &(stream + OWN_STREAMS).to_string()]));
        spoken.moved.extend(download.file.map(|file| file.moved(true)));
    }

    /// guacd took a part of a file, or will not.
    fn taken(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(stream) = number(said.argument(0)) else { return };
        let (message, code) = (said.argument(1), said.argument(2));
        let Some(upload) = self.uploads.get_mut(&stream) else { return };
        let Some(ahead) = upload.ahead.checked_sub(1) else { return };
        upload.ahead = ahead;
        spoken.ack_browser(upload.stream, message, code);
        if code == SUCCESS && !(upload.ended && ahead == 0) {
            return;
        }
        if let Some(upload) = self.uploads.remove(&stream) {
            spoken.moved.push(upload.file.moved(code == SUCCESS));
        }
    }

    /// What the session's own browser said, as far as it may.
    pub fn of_browser(&mut self, said: Instruction<'_>, now: Instant, spoken: &mut Spoken) {
        match said.opcode() {
            "get" => self.asks(said, now, spoken),
            "put" if self.drives.contains_key(said.argument(0)) => {
                let file = Moving::upload(said.argument(3), said.argument(2));
                self.opens(said.argument(1), file, spoken, |stream| {
                    instruction(&["put", said.argument(0), stream, said.argument(2), said.argument(3)])
                });
            }
            "file" => {
                let file = Moving::upload(said.argument(2), said.argument(1));
                self.opens(said.argument(0), file, spoken, |stream| {
                    instruction(&["file", stream, said.argument(1), said.argument(2)])
                });
            }
            "blob" => self.goes(said, spoken),
            "end" => self.went(said, spoken),
            "ack" => self.took(said, spoken),
            _ => {}
        }
    }

    fn asks(&mut self, said: Instruction<'_>, now: Instant, spoken: &mut Spoken) {
        self.asked.retain(|asked| now - *asked < FORGOTTEN_AFTER);
        if self.drives.contains_key(said.argument(0))
            && self.asked.len() + self.downloads.len() < MAX_DOWNLOADS
        {
            self.asked.push(now);
            spoken.guacd.push_str(said.text());
        }
    }

    fn opens(
        &mut self,
        stream: &str,
        file: Moving,
        spoken: &mut Spoken,
        opening: impl FnOnce(&str) -> String,
    ) {
        let Some(stream) = number(stream) else { return };
        let free = (0..MAX_UPLOADS).find(|free| !self.uploads.contains_key(free));
        let Some(free) = free.filter(|_| self.named(stream).is_none()) else {
            return spoken.ack_browser(stream, "too many files at a time", TOO_MANY);
        };
        spoken.guacd.push_str(&opening(&free.to_string()));
        self.uploads.insert(free, Upload { stream, file, ended: false, ahead: 1 });
    }

    /// guacd's number of what the browser sends under this one.
    fn named(&self, stream: u32) -> Option<u32> {
        let found = self.uploads.iter().find(|(_, upload)| upload.stream == stream && !upload.ended);
        found.map(|(own, _)| *own)
    }

    fn goes(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(own) = number(said.argument(0)).and_then(|stream| self.named(stream)) else { return };
        let Some(upload) = self.uploads.get_mut(&own) else { return };
        // Strictly: what is counted here is what guacd reads.
        let Ok(bytes) = BASE64.decode(said.argument(1).as_bytes()) else {
            return self.refuse_upload(own, "garbled", BAD_REQUEST, spoken);
        };
        let Some(room) = self.room.checked_sub(bytes.len() as u64) else {
            return self.refuse_upload(own, "there is no more room for files at the site", TOO_LARGE, spoken);
        };
        self.room = room;
        upload.file.goes(&bytes);
        upload.ahead += 1;
        spoken.guacd.push_str(&instruction(&["blob", &own.to_string(), said.argument(1)]));
    }

    fn refuse_upload(&mut self, own: u32, why: &str, code: &str, spoken: &mut Spoken) {
        let Some(upload) = self.uploads.remove(&own) else { return };
        spoken.guacd.push_str(&instruction(&["end", &own.to_string()]));
        spoken.ack_browser(upload.stream, why, code);
        spoken.moved.push(upload.file.moved(false));
    }

    fn went(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let Some(own) = number(said.argument(0)).and_then(|stream| self.named(stream)) else { return };
        spoken.guacd.push_str(&instruction(&["end", &own.to_string()]));
        let Some(upload) = self.uploads.get_mut(&own) else { return };
        upload.ended = true;
        if upload.ahead == 0
            && let Some(upload) = self.uploads.remove(&own)
        {
            spoken.moved.push(upload.file.moved(true));
        }
    }

    /// The browser took a part of what comes, or will not.
    fn took(&mut self, said: Instruction<'_>, spoken: &mut Spoken) {
        let own = number(said.argument(0)).and_then(|told| told.checked_sub(OWN_STREAMS));
        let Some(own) = own else { return };
        let Some(download) = self.downloads.get_mut(&own) else { return };
        let code = said.argument(2);
        if code != SUCCESS {
            spoken.ack_guacd(own, code);
            return self.drop_download(own, spoken);
        }
        download.offer = None;
        download.ahead = download.ahead.saturating_sub(1);
        if !std::mem::replace(&mut download.begun, true) || download.credit == 0 {
            download.credit += 1;
            spoken.ack_guacd(own, SUCCESS);
        }
    }

    fn drop_download(&mut self, stream: u32, spoken: &mut Spoken) {
        if let Some(download) = self.downloads.remove(&stream) {
            spoken.moved.extend(download.file.map(|file| file.moved(false)));
        }
    }
}

#[cfg(test)]
mod tests;

//! Recorder and spool on real files: what is recorded reads back, whatever is cut off.

#![expect(clippy::indexing_slicing, reason = "a wrong index fails the test, as it should")]

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use openpam_ids::SessionId;
use openpam_link::seal::SealKey;
use openpam_proto::chunk::{SEAL_INFO, SealedChunk};
use openpam_satellite::recorder::{Recorder, RecordingInfo, SessionRecorder, Shows};
use openpam_satellite::store::Store;

struct Site {
    folder: tempfile::TempDir,
    key: SealKey,
}

impl Site {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder"), key: SealKey::generate().expect("generates") }
    }

    fn spool(&self) -> PathBuf {
        self.folder.path().join("spool")
    }

    fn start(&self) -> (Store, Recorder) {
        let store = Store::open(&self.folder.path().join("satellite.db")).expect("opens").0;
        let recorder = Recorder::start(store.clone(), &self.spool()).expect("starts");
        (store, recorder)
    }

    fn start_with_key(&self) -> (Store, Recorder) {
        let (store, recorder) = self.start();
        recorder.set_key(self.key.public().to_vec());
        (store, recorder)
    }

    /// Everything of a recording that is here, opened in its place and checked against the chain.
    async fn read(&self, store: &Store, recorder: &Recorder, id: SessionId) -> (String, bool) {
        let (mut text, mut complete, mut previous) = (String::new(), false, [0; 32]);
        for place in store.chunks_from(id, 0, 100_000).await.expect("reads") {
            let chunk = recorder.spool().read(place).await.expect("reads");
            assert!(!complete && chunk.follows(place.seq, &previous));
            (previous, complete) = (chunk.hash, chunk.last);
            text.push_str(&self.open(&chunk));
        }
        (text, complete)
    }

    fn open(&self, chunk: &SealedChunk) -> String {
        let aad = chunk.place().aad();
        let content = self.key.open(SEAL_INFO, &aad, &chunk.enc, &chunk.ciphertext).expect("opens");
        String::from_utf8(zstd::decode_all(content.as_slice()).expect("decompresses")).expect("is UTF-8")
    }
}

fn info(session_id: SessionId) -> RecordingInfo {
    RecordingInfo {
        session_id,
        shows: Shows::Terminal { cols: 80, rows: 24, term: "xterm-256color".to_owned() },
        user: "mara".to_owned(),
        target: "press \"4\"".to_owned(),
        begun_ms: 1_700_000_000_123,
    }
}

/// What a cast prints, after checking that it is a valid one.
fn printed(cast: &str) -> String {
    let mut lines = cast.lines();
    let header: serde_json::Value = serde_json::from_str(lines.next().expect("a header")).expect("is JSON");
    assert_eq!(
        (&header["version"], &header["width"], &header["height"]),
        (&2.into(), &80.into(), &24.into())
    );
    assert_eq!(
        (&header["timestamp"], &header["env"]["TERM"]),
        (&1_700_000_000.into(), &"xterm-256color".into())
    );
    assert_eq!(header["title"], "mara@press \"4\"");
    let mut before = 0.0;
    let mut text = String::new();
    for line in lines {
        let (at, kind, data): (f64, String, String) = serde_json::from_str(line).expect("is an event");
        assert!(at >= before);
        before = at;
        match kind.as_str() {
            "o" => text.push_str(&data),
            "r" => {
                assert!(data.split_once('x').is_some_and(|(cols, rows)| {
                    cols.parse::<u16>().is_ok() && rows.parse::<u16>().is_ok()
                }))
            }
            other => panic!("an event of kind {other}"),
        }
    }
    text
}

async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .unwrap_or_else(|_| panic!("{what} takes too long"))
}

/// Gives bytes as a session does: only while there is room.
async fn print(session: &SessionRecorder, at_ms: u64, bytes: Bytes) {
    if !session.has_room() {
        within("room", session.room()).await;
    }
    session.output(at_ms, bytes);
}

#[tokio::test]
async fn a_session_reads_back_as_it_was_printed() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    print(&session, 5, Bytes::from_static(b"caf\xc3")).await;
    print(&session, 30, Bytes::from_static(b"\xa9 \xff\x1b[31mred\x1b[0m\r\n")).await;
    session.resize(40, 120, 40);
    print(&session, 50, Bytes::from_static(b"last")).await;
    session.finish(60);
    recorder.flush().await;
    let (cast, complete) = site.read(&store, &recorder, id).await;
    assert_eq!(printed(&cast), "café \u{fffd}\u{1b}[31mred\u{1b}[0m\r\nlast");
    assert!(complete && cast.contains("[0.040,\"r\",\"120x40\"]\n"));
}

#[tokio::test]
async fn a_chunk_is_durable_within_a_second_without_being_asked_for() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    let mut news = store.newest_chunks();
    let session = recorder.begin(info(SessionId::generate()));
    print(&session, 1, Bytes::from_static(b"typed")).await;
    let begun = std::time::Instant::now();
    within("a chunk", news.changed()).await.expect("lives");
    assert!(begun.elapsed() < Duration::from_millis(1500), "{:?}", begun.elapsed());
    // The end does not wait for the second, and an ended recording is complete without a flush.
    let begun = std::time::Instant::now();
    drop(session);
    within("the last chunk", news.changed()).await.expect("lives");
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_waits_for_room_and_loses_nothing() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    let mut expected = String::new();
    for round in 0..600u64 {
        let piece = format!("{round} {}\r\n", "0123456789abcdef".repeat(2000));
        expected.push_str(&piece);
        print(&session, round, piece.into()).await;
    }
    session.finish(600);
    recorder.flush().await;
    let (cast, complete) = site.read(&store, &recorder, id).await;
    assert!(complete && printed(&cast) == expected);
}

#[tokio::test]
async fn without_a_key_bytes_wait_bounded_and_are_sealed_when_it_comes() {
    let site = Site::new();
    let (store, recorder) = site.start();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    let mut given = 0;
    while session.has_room() {
        session.output(1, Bytes::from(vec![b'x'; 32 * 1024]));
        given += 32 * 1024;
    }
    assert!((900_000..1_200_000).contains(&given), "{given}");
    let others = (0..8).map(|_| recorder.begin(info(SessionId::generate()))).collect::<Vec<_>>();
    let mut total = given;
    for other in &others {
        while other.has_room() {
            other.output(1, Bytes::from(vec![b'y'; 32 * 1024]));
            total += 32 * 1024;
        }
    }
    assert!(total <= 9 * 1024 * 1024, "{total}");
    let waiting = session.room();
    recorder.set_key(site.key.public().to_vec());
    within("room", waiting).await;
    session.finish(2);
    recorder.flush().await;
    let (cast, complete) = site.read(&store, &recorder, id).await;
    assert!(complete && printed(&cast) == "x".repeat(given));
}

#[tokio::test]
async fn the_key_is_known_after_a_restart_without_the_hub() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    recorder.flush().await;
    // The key was handed to the store before: whatever is asked later is answered after it is durable.
    store.backlog().await.expect("answers");
    drop((store, recorder));
    let (store, recorder) = site.start();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    session.output(1, Bytes::from_static(b"offline"));
    session.finish(2);
    recorder.flush().await;
    let (cast, complete) = site.read(&store, &recorder, id).await;
    assert!(complete && printed(&cast) == "offline");
}

/// Copies the state folder as a crash would leave it: now, while everything runs.
fn crash(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(to.path().join("spool")).expect("makes");
    for sub in ["", "spool"] {
        for entry in std::fs::read_dir(from.join(sub)).expect("lists") {
            let entry = entry.expect("lists");
            if entry.file_type().expect("has a type").is_file() {
                std::fs::copy(entry.path(), to.path().join(sub).join(entry.file_name())).expect("copies");
            }
        }
    }
    to
}

#[tokio::test]
async fn a_recording_cut_off_by_a_crash_is_complete_after_the_next_start() {
    let mut site = Site::new();
    let (_store, recorder) = site.start_with_key();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    session.output(1, Bytes::from_static(b"durable"));
    recorder.flush().await;
    session.output(2, Bytes::from_static(b" and not"));
    site.folder = crash(site.folder.path());
    for _ in 0..2 {
        let (store, recorder) = site.start();
        let (cast, complete) = site.read(&store, &recorder, id).await;
        assert!(complete);
        assert_eq!(printed(&cast), "durable");
    }
}

#[tokio::test]
async fn a_segment_cut_at_any_byte_of_its_last_record_loses_only_that_record() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    session.output(1, Bytes::from_static(b"first"));
    recorder.flush().await;
    // The index as it was before the second record: the crash came between fsync and commit.
    let before = crash(site.folder.path());
    session.output(2, Bytes::from_static(b" second"));
    recorder.flush().await;
    let places = store.chunks_from(id, 0, 10).await.expect("reads");
    let segment =
        std::fs::read(site.spool().join(format!("{:016x}.segment", places[1].segment))).expect("reads");
    let (start, end) = (places[1].offset as usize, (places[1].offset + places[1].length) as usize);
    assert_eq!(end, segment.len());
    let cuts = (start..=end).filter(|cut| cut - start < 24 || end - cut < 12 || cut % 16 == 0);
    for cut in cuts {
        let crashed = Site {
            folder: crash(before.path()),
            key: SealKey::from_parts(site.key.public().to_vec(), site.key.private().clone()),
        };
        std::fs::write(crashed.spool().join(format!("{:016x}.segment", places[1].segment)), &segment[..cut])
            .expect("writes");
        let (store, recorder) = crashed.start();
        let (cast, complete) = crashed.read(&store, &recorder, id).await;
        assert!(complete, "cut at {cut}");
        let expected = if cut == end { "first second" } else { "first" };
        assert_eq!(printed(&cast), expected, "cut at {cut}");
    }
}

#[tokio::test]
async fn a_record_changed_on_the_disk_is_not_read() {
    let site = Site::new();
    let (store, recorder) = site.start_with_key();
    let id = SessionId::generate();
    let session = recorder.begin(info(id));
    session.output(1, Bytes::from_static(b"evidence"));
    recorder.flush().await;
    let place = store.chunks_from(id, 0, 1).await.expect("reads")[0];
    let path = site.spool().join(format!("{:016x}.segment", place.segment));
    let mut segment = std::fs::read(&path).expect("reads");
    assert!(!segment.windows(8).any(|window| window == b"evidence"), "nothing lies unsealed on the disk");
    let last = segment.len() - 1;
    segment[last] ^= 1;
    std::fs::write(&path, segment).expect("writes");
    assert!(recorder.spool().read(place).await.is_err());
}

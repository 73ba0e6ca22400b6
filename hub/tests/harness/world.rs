//! A small world in the books: one of everything, and five people to try things as.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use openpam_hub::commands::MAX_UNFINISHED;
use openpam_hub::sites::{Command, Registration, Transport};
use openpam_hub::store::kinds::{CommandKind, CredentialKind, Protocol, ZoneType};
use openpam_hub::store::{
    Page, access, commands, credentials, grants, groups, host_keys, outages, satellites, sessions, targets,
    tokens, zones,
};
use openpam_hub::time::Time;
use openpam_ids::{
    CommandId, CredentialId, EventId, GrantId, GroupId, SatelliteId, ScheduleId, SessionId, TargetId,
    TokenId, TunnelId, UserId, Uuid, ZoneId,
};
use openpam_link::seal;
use openpam_policy::{Object, Role, Subject, Terms};
use openpam_proto::chunk::{Place, SEAL_INFO, SealedChunk};
use openpam_proto::end::EndCode;
use openpam_proto::event::SiteAway;
use openpam_proto::token::JoinToken;

use super::TestHub;

/// Somebody to try things as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Not signed in.
    Nobody,
    /// A user to whom nothing was granted.
    Stranger,
    /// The user whose target, session and recording it is.
    User,
    /// An auditor.
    Auditor,
    /// An admin.
    Admin,
}

impl Who {
    pub(crate) const ALL: [Self; 5] = [Self::Nobody, Self::Stranger, Self::User, Self::Auditor, Self::Admin];
}

pub(crate) struct World {
    pub(crate) test: TestHub,
    pub(crate) stranger: UserId,
    pub(crate) user: UserId,
    pub(crate) auditor: UserId,
    pub(crate) admin: UserId,
    pub(crate) zone: ZoneId,
    pub(crate) target: TargetId,
    pub(crate) credential: CredentialId,
    pub(crate) group: GroupId,
    pub(crate) satellite: SatelliteId,
    pub(crate) token: TokenId,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with("").await
    }

    /// With these lines of configuration.
    pub(crate) async fn with(config: &str) -> Self {
        let test = TestHub::with(config).await;
        let stranger = test.user("stranger", Role::User).await;
        let user = test.user("user", Role::User).await;
        let auditor = test.user("auditor", Role::Auditor).await;
        let admin = test.user("admin", Role::Admin).await;
        let mut db = test.hub.pool.acquire().await.expect("a connection");
        let zone = zones::create(&mut db, "plant-7", ZoneType::Satellite, None, "UTC").await.expect("a zone");
        let new = targets::NewTarget {
            zone_id: zone,
            name: "press".to_owned(),
            hostname: "10.0.0.7".to_owned(),
            protocol: Protocol::Ssh,
            port: 22,
            description: Some("The hydraulic press".to_owned()),
            labels: Vec::new(),
            old_algorithms: false,
            desktop: None,
        };
        let target = targets::create(&mut db, &new).await.expect("a target");
        let credential = CredentialId::generate();
        let new = credentials::NewCredential {
            id: credential,
            target_id: target,
            username: "root".to_owned(),
            kind: CredentialKind::Password,
            vault_secret_path: test.hub.secrets.new_credential_path(credential),
            description: None,
        };
        credentials::create(&mut db, &new).await.expect("a credential");
        let group = groups::create(&mut db, "fitters", None).await.expect("a group");
        grants::create(
            &mut db,
            Subject::User(user),
            &Object::Zone(zone),
            &grants::Fields::default(),
            Some(admin),
        )
        .await
        .expect("a grant");
        let token = TokenId::generate();
        let expires_at = Time::now().after(std::time::Duration::from_secs(600));
        let hash = JoinToken::secret_hash(b"secret");
        tokens::create(&mut db, token, zone, &hash, expires_at, Some(admin)).await.expect("a token");
        let redemption = tokens::Redemption {
            token_id: token,
            secret_hash: &hash,
            key_sha256: &[7; 32],
            host: "box",
            version: "0.1.0",
        };
        let satellite = tokens::redeem(&mut db, redemption).await.expect("a satellite").satellite_id;
        drop(db);
        Self { test, stranger, user, auditor, admin, zone, target, credential, group, satellite, token }
    }

    pub(crate) async fn cookie(&self, who: Who) -> Option<String> {
        let user = match who {
            Who::Nobody => return None,
            Who::Stranger => self.stranger,
            Who::User => self.user,
            Who::Auditor => self.auditor,
            Who::Admin => self.admin,
        };
        Some(self.test.signed_in(user).await)
    }

    /// Another grant for the stranger's group: made to be deleted.
    pub(crate) async fn some_grant(&self) -> GrantId {
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        let group = groups::create(&mut db, &GroupId::generate().to_string(), None).await.expect("a group");
        grants::create(
            &mut db,
            Subject::Group(group),
            &Object::Target(self.target),
            &grants::Fields::default(),
            Some(self.admin),
        )
        .await
        .expect("a grant")
    }

    /// A command to the satellite that waits for it.
    pub(crate) async fn some_command(&self) -> CommandId {
        let command = commands::New {
            id: CommandId::generate(),
            satellite_id: self.satellite,
            kind: CommandKind::CollectLogs,
            session_id: None,
            ordered_by: self.admin,
            expires_at: Time::now().after(Duration::from_secs(3600)),
        };
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        assert!(commands::create(&mut db, &command, MAX_UNFINISHED).await.expect("is kept"), "there is room");
        command.id
    }

    /// A schedule of the user on the target, open since March 2026 by a window a day that lasts all of it.
    pub(crate) async fn some_schedule(&self) -> ScheduleId {
        let time = |text: &str| text.parse().expect("a time");
        let fields = openpam_scheduling::Fields {
            start_time: time("2026-03-02T08:00:00Z"),
            end_time: time("2026-03-03T08:00:00Z"),
            recurrence_rule: Some("FREQ=DAILY".to_owned()),
            timezone: "UTC".to_owned(),
            exceptions: Vec::new(),
            terms: Terms::default(),
            metadata: None,
        };
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        let now = Time::now().timestamp();
        openpam_scheduling::create(&mut db, self.user, self.target, &fields, self.admin, now)
            .await
            .expect("a schedule")
    }

    /// The fingerprint of another host key that the target shows.
    pub(crate) async fn offered_key(&self) -> String {
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        let fingerprint = format!("SHA256:{}", uuid::Uuid::new_v4().simple());
        let line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        host_keys::offer(&mut db, self.target, "ssh-ed25519", line, &fingerprint).await.expect("offered");
        fingerprint
    }

    /// A running session of the user, with a piece of recording in the books.
    pub(crate) async fn some_session(&self) -> SessionId {
        let id = SessionId::generate();
        let pool = &self.test.hub.pool;
        let authorization = access::authorize(pool, self.user, self.target).await.expect("granted");
        let opening = sessions::Opening {
            id,
            authorization: &authorization,
            credential_id: self.credential,
            satellite_id: self.satellite,
            client_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let mut tx = pool.begin().await.expect("a transaction");
        sessions::open(&mut tx, opening).await.expect("opens");
        tx.commit().await.expect("commits");
        let lines = b"{\"version\":2,\"width\":80,\"height\":24}\n[0.005,\"o\",\"hello\"]\n";
        let content = zstd::bulk::compress(lines, 1).expect("compresses");
        let place = Place { session_id: id, seq: 0, previous: [0; 32], last: false };
        let key = self.test.hub.keys.recording.public();
        let sealed = seal::seal(key, SEAL_INFO, &place.aad(), &content).expect("seals");
        let chunk = SealedChunk::new(place, 5, sealed.enc, sealed.ciphertext);
        self.test.hub.recordings.put(&chunk).await.expect("kept");
        id
    }

    /// An outage of the satellite, as it says when it is back.
    pub(crate) async fn some_outage(&self) -> Uuid {
        let pool = &self.test.hub.pool;
        let joined = "UPDATE satellites SET joined_at = NOW() - INTERVAL '1 hour' WHERE id = $1";
        sqlx::query(joined).bind(self.satellite.uuid()).execute(pool).await.expect("it joined long ago");
        let at_ms = openpam_hub::time::Time::now().as_ms();
        let away = SiteAway { event_id: EventId::generate(), at_ms, since_ms: at_ms - 60_000, policy: None };
        let mut db = pool.acquire().await.expect("a connection");
        outages::add(&mut db, self.satellite, &away).await.expect("kept");
        let page = Page { limit: 1, after: None };
        outages::list(pool, None, page).await.expect("listed").first().expect("one").id
    }

    /// The end of such a session, as the hub writes it into the book.
    pub(crate) fn ended(&self, id: SessionId) -> sessions::Closing<'static> {
        sessions::Closing {
            id,
            satellite_id: Some(self.satellite),
            end_time: Time::now(),
            was_open: true,
            code: EndCode::Exited,
            message: "",
            input_bytes: 3,
            output_bytes: 5,
        }
    }

    /// Two machines have used the satellite's identity.
    pub(crate) async fn quarantine(&self) {
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        satellites::quarantine(&mut db, self.satellite).await.expect("quarantined");
    }

    /// The satellite was away for longer than `readmit_days`.
    pub(crate) async fn come_back_late(&self) {
        let mut db = self.test.hub.pool.acquire().await.expect("a connection");
        satellites::ask_readmission(&mut db, self.satellite).await.expect("asked");
    }

    /// Plays the site: it is online and ends every session it is asked to end.
    pub(crate) fn site_online(&self) {
        let mut commands = self.test.hub.sites.register(Registration {
            satellite_id: self.satellite,
            zone_id: self.zone,
            tunnel_id: TunnelId::generate(),
            transport: Transport::Quic,
            version: "0.1.0".to_owned(),
            sessions: HashMap::new(),
            transport_note: None,
            reach: None,
        });
        tokio::spawn(async move {
            while let Some(command) = commands.recv().await {
                if let Command::EndSession { done, .. } = command {
                    let _ = done.send(true);
                }
            }
        });
    }
}

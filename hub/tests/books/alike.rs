//! What the hub decides by its books and a site by the snapshot that is made of them is the same, for everybody, everything,
//! and at any time.

use jiff::{SignedDuration, Timestamp};
use openpam_hub::store::{access, grants, policy};
use openpam_ids::{TargetId, UserId, Uuid, ZoneId};
use openpam_policy::{Denial, Moment, Policy, Records};
use serde_json::json;
use sqlx::PgPool;

use crate::harness::TestHub;
use crate::random::Random;

const WORLDS: u64 = 12;
const MOMENTS: u64 = 6;
/// As snapshots are made.
const AHEAD: SignedDuration = SignedDuration::from_hours(5 * 7 * 24);

fn of<'a, T>(random: &mut Random, all: &'a [T]) -> &'a T {
    &all[usize::try_from(random.below(all.len() as u64)).expect("few")]
}

fn mostly(random: &mut Random) -> bool {
    random.below(5) > 0
}

/// Who and what there is in a made-up world.
struct Made {
    users: Vec<Uuid>,
    zones: Vec<Uuid>,
    targets: Vec<(Uuid, Uuid)>,
}

fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

async fn make(pool: &PgPool, random: &mut Random, begin: Timestamp) -> Made {
    for table in ["schedules", "grants", "group_members", "groups", "targets", "zones", "users"] {
        sqlx::query(sqlx::AssertSqlSafe(format!("DELETE FROM {table}")))
            .execute(pool)
            .await
            .expect("deletes");
    }
    let ids = |count: usize| (0..count).map(|_| Uuid::now_v7()).collect::<Vec<_>>();
    let (users, groups, zones) = (ids(5), ids(3), ids(3));
    for (number, user) in users.iter().enumerate() {
        sqlx::query("INSERT INTO users (id, entra_id, email, username, enabled) VALUES ($1, $2, $2, $2, $3)")
            .bind(user)
            .bind(format!("user{number}@example.com"))
            .bind(mostly(random))
            .execute(pool)
            .await
            .expect("a user");
    }
    for (number, group) in groups.iter().enumerate() {
        let insert = sqlx::query("INSERT INTO groups (id, name) VALUES ($1, $2)");
        insert.bind(group).bind(format!("group {number}")).execute(pool).await.expect("a group");
        for user in &users {
            if random.below(3) == 0 {
                let insert = sqlx::query("INSERT INTO group_members (group_id, user_id) VALUES ($1, $2)");
                insert.bind(group).bind(user).execute(pool).await.expect("a member");
            }
        }
    }
    for (number, zone) in zones.iter().enumerate() {
        let insert =
            sqlx::query("INSERT INTO zones (id, name, type, enabled) VALUES ($1, $2, 'satellite', $3)");
        insert
            .bind(zone)
            .bind(format!("zone-{number}"))
            .bind(mostly(random))
            .execute(pool)
            .await
            .expect("a zone");
    }
    let labels = ["line=1", "line=2", "line=3"];
    let mut targets = Vec::new();
    for number in 0..6 {
        let (target, zone) = (Uuid::now_v7(), *of(random, &zones));
        let own: Vec<String> =
            labels.iter().filter(|_| random.below(3) == 0).map(|label| (*label).to_owned()).collect();
        sqlx::query(
            "INSERT INTO targets (id, zone_id, name, hostname, protocol, port, enabled, labels)
             VALUES ($1, $2, $3, '127.0.0.1', 'ssh', 22, $4, $5)",
        )
        .bind(target)
        .bind(zone)
        .bind(format!("target {number}"))
        .bind(mostly(random))
        .bind(own)
        .execute(pool)
        .await
        .expect("a target");
        targets.push((target, zone));
    }
    for _ in 0..12 {
        let by_user = random.below(2) == 0;
        let user = by_user.then(|| *of(random, &users));
        let group = (!by_user).then(|| *of(random, &groups));
        let (mut target, mut zone, mut label) = (None, None, None);
        match random.below(3) {
            0 => target = Some(of(random, &targets).0),
            1 => zone = Some(*of(random, &zones)),
            _ => label = Some(*of(random, &labels)),
        }
        let start = begin + hours(i64::try_from(random.below(96)).expect("few") - 48);
        let lasts = hours(1 + i64::try_from(random.below(20)).expect("few"));
        let rule = *of(
            random,
            &[None, Some("FREQ=DAILY"), Some("FREQ=WEEKLY;BYDAY=MO,TH,SA"), Some("FREQ=DAILY;COUNT=3")],
        );
        let zone_name = *of(random, &["UTC", "Europe/Berlin", "America/New_York"]);
        let mut schedule = json!({"start_time": start, "end_time": start + lasts, "timezone": zone_name});
        if let Some(rule) = rule {
            schedule["recurrence_rule"] = json!(rule);
        }
        let schedule = (random.below(3) > 0).then_some(schedule);
        let offline = *of(random, &[0_i32, 3600, 86_400]);
        let longest = *of(random, &[None, Some(600_i32)]);
        let mut passes = || random.below(2) == 0;
        let (copy, paste, download, upload) = (passes(), passes(), passes(), passes());
        // Two that are alike count once.
        let _ = sqlx::query(
            "INSERT INTO grants (id, user_id, group_id, target_id, zone_id, label, schedule, offline_seconds,
                                 max_session_seconds, clipboard_copy, clipboard_paste, file_download, file_upload)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING",
        )
        .bind(Uuid::now_v7())
        .bind(user)
        .bind(group)
        .bind(target)
        .bind(zone)
        .bind(label)
        .bind(schedule)
        .bind(offline)
        .bind(longest)
        .bind(copy)
        .bind(paste)
        .bind(download)
        .bind(upload)
        .execute(pool)
        .await
        .expect("a grant");
    }
    Made { users, zones, targets }
}

#[tokio::test]
async fn hub_and_site_decide_alike_whatever_is_in_the_books() {
    let test = TestHub::start().await;
    let pool = &test.hub.pool;
    let begin = Timestamp::now();
    let mut random = Random::new(20_261_128);
    let (mut asked, mut allowed) = (0, 0);
    for world in 0..WORLDS {
        let made = make(pool, &mut random, begin).await;
        let mut db = pool.acquire().await.expect("a connection");
        let rows = policy::rows(&mut db, begin).await.expect("the books");
        let snapshots = rows.read(|schedule| grants::when_for(schedule, begin, AHEAD)).by_zone();
        assert_eq!(snapshots.len(), made.zones.len());
        for (zone, records) in snapshots {
            let carried = Records::from_bytes(&records.to_bytes()).expect("records");
            let site = Policy::read(&carried, zone).expect("a policy");
            for _ in 0..MOMENTS {
                let now = begin + hours(i64::try_from(random.below(14 * 24)).expect("few"));
                let away = random.below(3) > 0;
                let away_since = away.then(|| now - hours(i64::try_from(random.below(30)).expect("few")));
                let moment = Moment { now, away_since };
                for user in &made.users {
                    for (target, _) in made.targets.iter().filter(|(_, of)| ZoneId::from(*of) == zone) {
                        let (user, target) = (UserId::from(*user), TargetId::from(*target));
                        let facts = access::facts(pool, user, target, begin).await.expect("facts");
                        let at_hub = facts.expect("both are there").decide(moment);
                        let at_site = site.decide(user, target, moment);
                        let stranger = site.people().all(|person| person.user.id != user);
                        // Of whom nothing opens anything there the site knows nothing.
                        if !(stranger && at_hub == Err(Denial::UserDisabled)) {
                            assert_eq!(at_site, at_hub, "world {world}, {moment:?}");
                        }
                        asked += 1;
                        allowed += u32::from(at_hub.is_ok());
                    }
                }
            }
        }
    }
    eprintln!("{asked} decisions alike, {allowed} of them open");
    assert!(allowed > 100, "too little is open to say anything");
}

//! What hub instances signed about how far the chains were, against these chains.

use std::collections::HashMap;

use openpam_proto::event::ChainedEvent;
use openpam_proto::witness::{Countersigned, Statement};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Code, Report, Witnessed};
use crate::keys::SigningKey;
use crate::store::evidence::{self, StoredStatement};
use crate::store::{StoreError, witnesses};
use crate::time::Time;
use crate::witness::Note;

const PART: i64 = 200;

/// Where a chain of statements goes on.
#[derive(Default)]
struct Place {
    hub: Uuid,
    seq: u64,
    hash: [u8; 32],
}

pub(super) async fn verify(
    pool: &PgPool,
    key: &SigningKey,
    note: Option<&Note>,
    report: &mut Report,
) -> Result<(), StoreError> {
    let mut place = Place::default();
    let mut until = HashMap::new();
    loop {
        let part = evidence::statements_after(pool, place.hub, place.seq, PART).await?;
        if part.is_empty() {
            break;
        }
        let mut heads = Vec::new();
        for stored in part {
            if stored.hub_id != place.hub {
                place = Place { hub: stored.hub_id, ..Place::default() };
            }
            let statement = link(&place, &stored, key, report);
            place = Place { hub: stored.hub_id, seq: stored.seq, hash: stored.hash };
            let Some(statement) = statement else { continue };
            let at = Time::from_ms(statement.at_ms);
            for head in statement.heads {
                let newest = until.entry(head.node_id).or_insert(Witnessed { at, seq: head.seq });
                if newest.at < at {
                    *newest = Witnessed { at, seq: head.seq };
                }
                heads.push((at, head));
            }
        }
        let nodes: Vec<_> = heads.iter().map(|(_, head)| *head).collect();
        for (index, there) in evidence::not_as_stated(pool, &nodes).await? {
            let Some((at, head)) = heads.get(index) else { continue };
            let found = if there {
                format!("{at} its event {} was another one", head.seq)
            } else {
                format!("{at} it had event {}, which is not there any more", head.seq)
            };
            report.add(Code::HeadSetBack, name(report, head.node_id), found);
        }
    }
    if let Some(note) = note
        && !witnesses::has(pool, note.hub_id, note.seq, &note.hash()).await?
    {
        let found = format!("the data folder holds statement {}, which the books do not have", note.seq);
        report.add(Code::HeadSetBack, format!("hub {}", note.hub_id), found);
    }
    for chain in &mut report.chains {
        chain.witnessed = until.remove(&chain.node_id);
    }
    Ok(())
}

fn name(report: &Report, node: Uuid) -> String {
    let chain = report.chains.iter().find(|chain| chain.node_id == node);
    chain.map_or_else(|| format!("node {node}"), super::Chain::name)
}

/// The statement against the one before, its bytes against its hash and signature; what it says.
fn link(place: &Place, stored: &StoredStatement, key: &SigningKey, report: &mut Report) -> Option<Statement> {
    let at = format!("hub {}, statement {}", stored.hub_id, stored.seq);
    if stored.seq != place.seq + 1 {
        report.add(Code::WitnessMissing, &at, "statements before it are missing");
    } else if stored.previous != place.hash {
        report.add(Code::WitnessChanged, &at, "it does not continue the statement before it");
    }
    let link = ChainedEvent {
        seq: stored.seq,
        previous: stored.previous,
        hash: stored.hash,
        body: stored.body.clone().into(),
    };
    let statement = Statement::from_bytes(&stored.body).filter(|_| link.is_sound());
    let Some(statement) = statement else {
        report.add(Code::WitnessChanged, &at, "its content or its place is not what was hashed");
        return None;
    };
    let said = Countersigned {
        hub_id: stored.hub_id.into(),
        seq: stored.seq,
        hash: stored.hash,
        at_ms: statement.at_ms,
        epoch: statement.epoch,
        signature: stored.signature.clone().into(),
    };
    if !key.has_signed(&said.signed_bytes(), &said.signature) {
        report.add(Code::WitnessChanged, &at, "the witness key of this installation did not sign it");
    }
    Some(statement)
}

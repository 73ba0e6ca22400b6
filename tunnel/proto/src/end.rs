//! How sessions and attachments end, and where: the codes of the browser's wire contract.
//!
//! Codes travel as text. A code this build does not know reads as `internal`, so an older node survives it.

names! {
    /// Why a session, or an attachment to one, is over.
    pub enum EndCode, otherwise Internal {
        /// The program on the target ended.
        Exited = "exited",
        /// The user closed the session.
        ClosedByUser = "closed_by_user",
        /// An administrator ended it.
        TerminatedByAdmin = "terminated_by_admin",
        /// The access window is over.
        WindowEnded = "window_ended",
        /// The grant's longest session is reached.
        LongestSession = "longest_session",
        /// No input for longer than the grant allows.
        IdleLimit = "idle_limit",
        /// Detached for longer than the grace time.
        GraceExpired = "grace_expired",
        /// The user was disabled.
        UserDisabled = "user_disabled",
        /// The satellite that owned it came up anew.
        SatelliteRestarted = "satellite_restarted",
        /// The site does not have that session and the books do not know why.
        SessionGone = "session_gone",
        /// Another attachment of the same user took over.
        TakenOver = "taken_over",
        /// The user signed out; the session waits for its grace time.
        SignedOut = "signed_out",
        /// An offset that does not fit the stream.
        BadOffset = "bad_offset",
        /// No grant, or not the caller's session.
        NotGranted = "not_granted",
        /// The site's own configuration forbids it.
        SiteForbids = "site_forbids",
        /// No window is open now.
        OutsideWindow = "outside_window",
        /// No further session is possible.
        SessionLimit = "session_limit",
        /// The zone has no tunnel.
        ZoneOffline = "zone_offline",
        /// The target did not answer.
        TargetUnreachable = "target_unreachable",
        /// The target refused the account or its secret.
        CredentialRejected = "credential_rejected",
        /// The target showed another host key than the one known.
        HostKeyChanged = "host_key_changed",
        /// The site's policy is too old to decide.
        PolicyStale = "policy_stale",
        /// The site's disk is full.
        DiskFull = "disk_full",
        /// The licence does not allow it.
        License = "license",
        /// Anything else; the message says what is known.
        Internal = "internal",
    }
}

names! {
    /// Where on the way something failed.
    pub enum Hop, otherwise Site {
        /// At the hub.
        Hub = "hub",
        /// At the site, or on the way to it.
        Site = "site",
        /// At the target.
        Target = "target",
    }
}

names! {
    /// The named steps while a session is opened.
    pub enum StepName, otherwise Site {
        /// The grant was found.
        Policy = "policy",
        /// The secret was fetched and sealed.
        Credential = "credential",
        /// The site took the request.
        Site = "site",
        /// The target accepted the account.
        Target = "target",
    }
}

names! {
    /// What a notice says.
    pub enum NoticeCode, otherwise Other {
        /// Output before the ring's tail cannot be given any more.
        OutputGap = "output_gap",
        /// The tunnel is lost; the session goes on at the site.
        LinkLost = "link_lost",
        /// The tunnel is back.
        LinkRestored = "link_restored",
        /// Somebody began to watch, or others still do.
        Watched = "watched",
        /// Somebody watches no more.
        Unwatched = "unwatched",
        /// Who only watches can't type, resize or end.
        WatchOnly = "watch_only",
        /// The session will end soon; the message says why and when.
        EndsSoon = "ends_soon",
        /// The policy keeps something from passing between a desktop and its browser; `what` says which.
        Blocked = "blocked",
        /// A new session opens once its user agrees to the message.
        Consent = "consent",
        /// A notice this build does not know.
        Other = "notice",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_an_unknown_one_is_internal() {
        for code in EndCode::ALL {
            assert_eq!(code.as_str().parse::<EndCode>(), Ok(*code));
        }
        assert_eq!("from_the_future".parse::<EndCode>(), Ok(EndCode::Internal));
    }
}

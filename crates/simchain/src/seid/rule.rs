//! The rules by which seid passes from one stage of its life to the next: every transition names its own (chain.md, section 2).

/// Why a process is in the stage it is in, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The shell waits for the sidecar.
    ShellWaits,
    /// The sidecar is ready: seid starts and takes the lock.
    SidecarReady,
    /// Another seid holds the lock.
    DirectoryLocked,
    /// The binary panics when it starts.
    PanicsAtStart,
    /// The upgrade-info file was not there, and without it the binary does not start.
    StoresMissingAtStart,
    /// The application is ahead of the block store.
    AppBeyondStore,
    /// The handshake found another lineage than was recorded, or than the next block demands.
    LineageMismatch,
    /// The state is empty and state sync configured.
    EmptyStateSyncs,
    /// Handshake, or state sync, is over.
    RpcComesUp,
    /// Blocks are at hand: block sync.
    BlockSyncs,
    /// At the tip with two peers at least: consensus.
    FollowsTip,
    /// No peer is known or up.
    NeedsPeers,
    /// At the tip with one peer.
    NeedsSecondPeer,
    /// No peer holds the next block any more.
    PeersPruned,
    /// The halt height was reached.
    HaltHeight,
    /// The plan is due and its handler unknown.
    UpgradeNeeded,
    /// The plan is not due, its handler known, the upgrade major.
    UpdatedTooEarly,
    /// The plan was carried out earlier, its handler is unknown.
    WrongAppVersion,
    /// A defect of the binary, where a panic ends the process.
    DefectEnds,
    /// A defect of the binary in consensus, where the process stays alive.
    DefectSticks,
    /// In consensus the next block shows that the state differs from the network's.
    DivergenceEnds,
    /// In block sync the next block shows that the state differs from the network's: no peer is left.
    DivergenceWedges,
    /// SIGTERM, with its handler installed.
    StopsGracefully,
    /// A signal that nothing handles.
    DiesOfSignal,
}

impl Rule {
    /// The rule as a sentence.
    pub const fn says(self) -> &'static str {
        match self {
            Self::ShellWaits => "the shell looks at the sidecar's healthz every 5 s",
            Self::SidecarReady => "at the first 200 of healthz seid starts and takes the lock",
            Self::DirectoryLocked => "a data directory locked by another seid: exit 1",
            Self::PanicsAtStart => "a binary that panics at start: exit 2",
            Self::StoresMissingAtStart => "a store change needs the upgrade-info file at start: exit 1",
            Self::AppBeyondStore => "an application beyond the block store: exit 1",
            Self::LineageMismatch => "a lineage mismatch found in the handshake: exit 1",
            Self::EmptyStateSyncs => "an empty state is state synced before RPC comes up, if that is configured",
            Self::RpcComesUp => "after the handshake RPC comes up, then block sync begins",
            Self::BlockSyncs => "block sync applies h once a peer hands on h + 1",
            Self::FollowsTip => "at the best peer's height - 1 or beyond with two peers consensus begins",
            Self::NeedsPeers => "without a peer it stays where it is",
            Self::NeedsSecondPeer => "at the tip consensus waits for a second peer, and block sync goes on with the first",
            Self::PeersPruned => "older than every peer's oldest block: alive, catching up, for ever",
            Self::HaltHeight => "after the commit of a block at or above the halt height seid signals itself",
            Self::UpgradeNeeded => "at U without the handler: upgrade-info file, panic, exit 2",
            Self::UpdatedTooEarly => "below U with the handler of a major upgrade: panic, exit 2",
            Self::WrongAppVersion => "above U without the handler: panic, exit 2",
            Self::DefectEnds => "any other panic: exit 2 in block sync, 1 in the handshake",
            Self::DefectSticks => "any other panic in consensus: alive and stuck",
            Self::DivergenceEnds => "a lineage that differs at h shows at h + 1: in consensus exit 2",
            Self::DivergenceWedges => "a lineage that differs at h shows at h + 1: block sync drops its peers and ends, the process stays",
            Self::StopsGracefully => "SIGTERM once the handler is installed: a graceful stop, exit 0",
            Self::DiesOfSignal => "a signal that nothing handles ends the process at once",
        }
    }
}

//! Mistakes made on purpose, one at a time, to prove that the simulation notices them. Compiled in only with the feature
//! `sabotage`, which only the simulation's own tests enable; the product is built without it.

use std::sync::atomic::{AtomicU8, Ordering};

/// A part of the protocol that is left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Sabotage {
    /// Nothing keeps two workers from claiming the same push at once, and nothing notices that they did.
    NoLease = 1,
    /// A worker whose lease is over stores and sends as if it still held it.
    NoFence,
    /// *Sending* is stored after the request was answered, not before it leaves.
    SendingUnrecorded,
    /// We look at once after an unknown answer.
    NoQuarantine,
    /// The quarantine is half as long as a request can live, and nothing is audited.
    ShortQuarantine,
    /// 502 counts as "not executed".
    BadGatewayIsNo,
    /// Lines are known again by their amount.
    ByAmount,
    /// A new event is looked for until the quarantine ends, however far lists lag behind.
    OneLook,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NoLease,
        Self::NoFence,
        Self::SendingUnrecorded,
        Self::NoQuarantine,
        Self::ShortQuarantine,
        Self::BadGatewayIsNo,
        Self::ByAmount,
        Self::OneLook,
    ];

    /// The word on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLease => "no-lease",
            Self::NoFence => "no-fence",
            Self::SendingUnrecorded => "sending-unrecorded",
            Self::NoQuarantine => "no-quarantine",
            Self::ShortQuarantine => "short-quarantine",
            Self::BadGatewayIsNo => "502-is-no",
            Self::ByAmount => "by-amount",
            Self::OneLook => "one-look",
        }
    }

    /// The sabotage of a [`Sabotage::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

static ON: AtomicU8 = AtomicU8::new(0);

/// Switches one on for the whole program, or all off.
pub fn switch(sabotage: Option<Sabotage>) {
    ON.store(sabotage.map_or(0, |s| s as u8), Ordering::SeqCst);
}

/// Whether this one is on.
pub fn is(sabotage: Sabotage) -> bool {
    ON.load(Ordering::Relaxed) == sabotage as u8
}

//! The push, from the selection to what Procore holds afterwards: on both databases, against the emulator, with every
//! fault it knows, one transition at a time where it matters.

mod desk;
mod events;
mod faults;

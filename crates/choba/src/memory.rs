//! Memory that was needed for a moment.

/// Gives memory that is free inside the process back to the system. The allocator does so by itself when it is asked for
/// more, which a server that only waits never does: migrations and the hash of a password (19 MB) would stay resident.
pub fn give_back() {
    // SAFETY: takes no pointer and touches only memory that nobody holds; any thread may call it at any time.
    unsafe { libmimalloc_sys::mi_collect(true) }
}

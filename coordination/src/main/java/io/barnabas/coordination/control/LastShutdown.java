package io.barnabas.coordination.control;

/** How a broker's process before this one ended, as far as its next start can tell (REPL-27). */
public enum LastShutdown {
    /** In order: all it had is on its disks. */
    CLEAN,

    /** Only the process died: what it wrote is in the page cache or on the disks. */
    PROCESS,

    /** The machine, or nobody knows, as of one that begins with empty disks: what was not synced may be lost. */
    MACHINE
}

package io.barnabas.consumer.coordinator.lag;

/** What is thought of a partition or a group; from good to bad, by Burrow's names. Of a group only the first four are said. */
public enum Verdict {
    /** There is no such group, or nothing is known of it. */
    NOTFOUND,
    /** It keeps up, or catches up, or there is not enough to say more. */
    OK,
    /** It goes on, and falls behind. */
    WARN,
    /** At least one partition is stopped, stalled or rewound. */
    ERR,
    /** No commits for longer than the window spans, although there are records to read. */
    STOP,
    /** Commits come, their offset does not move, and there are records to read. */
    STALL,
    /** The committed offset went back, and has not come back to where it was. */
    REWIND;

    /** What a group is said to be that has a partition in this state. */
    public Verdict ofGroup() {
        return compareTo(ERR) > 0 ? ERR : this;
    }
}

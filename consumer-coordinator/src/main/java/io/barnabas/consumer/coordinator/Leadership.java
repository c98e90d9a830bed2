package io.barnabas.consumer.coordinator;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupRecordCodec;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.replicated.Journal;
import io.barnabas.runtime.replicated.MachineShard;
import io.barnabas.runtime.replicated.StoredLog;
import io.barnabas.runtime.time.Clock;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition of {@code __consumer_offsets} while it is led here, in one leader epoch. A machine that breaks is replaced by one that is loaded
 * from the log, each time after a longer pause.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final GroupRecordCodec CODEC = new GroupRecordCodec();
    private static final long FIRST_PAUSE_MS = 500;
    private static final long LONGEST_PAUSE_MS = 60_000;

    private final int partition;
    private final int leaderEpoch;
    private final MachineShard.Setting<GroupRecord> setting;
    private final Supplier<GroupMachine> newMachine;
    private final StoredLog log;
    private final Runnable onBroken;

    private volatile MachineShard<GroupRecord, GroupMachine> shard;
    private int broken;
    private boolean over;

    /** @param onBroken told on any thread that what was known of the partition's groups is void until it is loaded anew */
    Leadership(
            int partition,
            int leaderEpoch,
            Journal journal,
            StoredLog log,
            Supplier<GroupMachine> newMachine,
            EventLoop loop,
            Executor worker,
            Clock clock,
            long commitTimeoutMs,
            Runnable onBroken) {
        this.partition = partition;
        this.leaderEpoch = leaderEpoch;
        this.newMachine = newMachine;
        this.log = log;
        this.onBroken = onBroken;
        this.setting = new MachineShard.Setting<>(
                "__consumer_offsets-" + partition, CODEC, journal, loop, worker, clock, commitTimeoutMs);
        this.shard = newShard();
    }

    int partition() {
        return partition;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    /** The one that serves now, or is being loaded. */
    MachineShard<GroupRecord, GroupMachine> shard() {
        return shard;
    }

    /** The machine is made now, not when a thread is free to load it: it has to notice what topics are deleted from now on (GROUP-09). */
    void begin() {
        GroupMachine machine = newMachine.get();
        shard.load(() -> machine, log);
    }

    synchronized void end() {
        over = true;
        shard.resign();
    }

    private MachineShard<GroupRecord, GroupMachine> newShard() {
        return new MachineShard<>(setting, cause -> onBroken());
    }

    private void onBroken() {
        MachineShard<GroupRecord, GroupMachine> next;
        long pause;
        synchronized (this) {
            if (over) {
                return;
            }
            // from now on it is a coordinator that is still loading, not one that is none
            next = newShard();
            shard = next;
            pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS << Math.min(broken, 10));
            broken++;
        }
        LOG.atWarn()
                .addKeyValue("partition", setting.name())
                .addKeyValue("pauseMs", pause)
                .log("a coordinator will be loaded anew");
        GroupMachine machine = newMachine.get();
        onBroken.run();
        setting.loop().schedule(() -> next.load(() -> machine, log), pause);
    }
}

package io.barnabas.broker.fetcher;

import io.barnabas.broker.config.ReplicationConfig;
import io.barnabas.broker.replica.FollowerPosition;
import io.barnabas.broker.replica.Partition;
import io.barnabas.broker.throttle.ReplicaThrottle;
import io.barnabas.model.BrokerId;
import io.barnabas.model.OffsetAndEpoch;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.ApiMessage;
import io.barnabas.protocol.message.BufferRecords;
import io.barnabas.protocol.message.FetchRequestData;
import io.barnabas.protocol.message.FetchResponseData;
import io.barnabas.protocol.message.FetchResponseData.FetchableTopicResponse;
import io.barnabas.protocol.message.FetchResponseData.PartitionData;
import io.barnabas.protocol.message.Records;
import io.barnabas.runtime.loop.EventLoop;
import io.barnabas.runtime.time.Clock;
import io.barnabas.runtime.time.Timer;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Copies partitions from one leader: runs a {@link FetcherMachine} on one loop. What an answer brings is appended there and then,
 * from the bytes that were received, and the next fetch goes out; only what waits for the disk, cutting a log, is done elsewhere.
 */
final class ReplicaFetcher {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFetcher.class);

    private static final short FETCH_VERSION = 17;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();
    private static final long NANOS_PER_MILLI = 1_000_000L;

    /** Errors that pass by themselves, as they do at every failover, mostly have by then. */
    private static final long LASTING_NANOS = 3_000_000_000L;

    private final BrokerId leader;
    private final LongSupplier brokerEpoch;
    private final ReplicaThrottle throttle;
    private final FetcherMachine<Partition> machine;
    private final LeaderConnection connection;
    private final LeaderContacts contacts;
    private final LeaderInquiry inquiry;
    private final EventLoop loop;
    private final Executor disks;
    private final Clock clock;
    private final FetchAnswer answer = new FetchAnswer();

    private boolean running;
    private boolean closed;
    private boolean reachable = true;
    private Timer wake;
    private long wakeNanos = FetcherMachine.NEVER;

    /** @param disks threads that may wait for disks */
    ReplicaFetcher(
            BrokerId self,
            BrokerId leader,
            LongSupplier brokerEpoch,
            ReplicationConfig config,
            ReplicaThrottle throttle,
            LeaderConnection connection,
            LeaderContacts contacts,
            EventLoop loop,
            Executor disks,
            Clock clock) {
        this.leader = leader;
        this.brokerEpoch = brokerEpoch;
        this.throttle = throttle;
        this.machine = new FetcherMachine<>(self, config, new CopyThrottle<>() {
            @Override
            public boolean appliesTo(Partition log) {
                return throttle.appliesTo(log.id());
            }

            @Override
            public long waitNanos() {
                return throttle.waitNanos();
            }
        });
        this.connection = connection;
        this.contacts = contacts;
        this.inquiry = new LeaderInquiry(self, connection);
        this.loop = loop;
        this.disks = disks;
        this.clock = clock;
    }

    // ---- on the loop, all of it

    void follow(Partition partition, int leaderEpoch) {
        FollowedPartition<Partition> known =
                machine.find(partition.topicId(), partition.id().partition());
        if (known != null && known.log == partition && known.leaderEpoch == leaderEpoch) {
            return;
        }
        FollowerPosition position = partition.asFollower().position();
        FollowedPartition<Partition> followed = machine.follow(
                partition,
                partition.id().topic(),
                partition.topicId(),
                partition.id().partition(),
                leaderEpoch,
                position);
        if (position.lastEpoch() < 0 && position.logEndOffset() > position.logStartOffset()) {
            // of a log without epochs nobody can tell where it left the leader's
            onDisk(followed, () -> partition.asFollower().truncateToHighWatermark(leaderEpoch));
        }
        run();
    }

    void unfollow(Partition partition) {
        machine.unfollow(partition.topicId(), partition.id().partition());
    }

    /** Other rates or other replicas are throttled now. */
    void throttleChanged() {
        machine.onThrottleChanged();
        run();
    }

    boolean isEmpty() {
        return machine.isEmpty();
    }

    void close() {
        closed = true;
        if (wake != null) {
            wake.cancel();
        }
        connection.close();
    }

    /** Sends what there is to send, and sees to it that this is run again when there will be more. */
    private void run() {
        if (running || closed) {
            return; // the one that runs will see what has changed
        }
        running = true;
        try {
            FetchRequestData request;
            do {
                request = machine.nextFetch(brokerEpoch.getAsLong(), clock.nanoTime());
                if (request != null) {
                    connection.send(request, FETCH_VERSION, answer);
                }
            } while (request != null);
        } finally {
            running = false;
        }
        wakeAt(machine.wakeNanos());
    }

    private void wakeAt(long nanos) {
        if (nanos == wakeNanos) {
            return;
        }
        if (wake != null) {
            wake.cancel();
            wake = null;
        }
        wakeNanos = nanos;
        if (nanos != FetcherMachine.NEVER) {
            long inNanos = Math.max(0, nanos - clock.nanoTime());
            wake = loop.schedule(
                    () -> {
                        wake = null;
                        wakeNanos = FetcherMachine.NEVER;
                        run();
                    },
                    (inNanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
        }
    }

    private final class FetchAnswer implements LeaderConnection.Answer {
        @Override
        public void onResponse(ApiMessage response) {
            if (closed) {
                return;
            }
            if (!reachable) {
                reachable = true;
                contacts.reached(leader);
                LOG.atInfo().addKeyValue("leader", leader).log("copying from the leader again");
            }
            FetchResponseData fetched = (FetchResponseData) response;
            long fetch = machine.onResponse(fetched, clock.nanoTime());
            if (fetch > 0) {
                for (FetchableTopicResponse topic : fetched.responses) {
                    for (PartitionData data : topic.partitions) {
                        FollowedPartition<Partition> partition =
                                machine.find(fetch, topic.topicId, data.partitionIndex);
                        if (partition != null) {
                            take(partition, data);
                        }
                    }
                }
            } else if (fetched.errorCode != ErrorCode.NONE.code()) {
                LOG.atDebug()
                        .addKeyValue("leader", leader)
                        .addKeyValue("error", ErrorCode.of(fetched.errorCode))
                        .log("fetch session is opened anew");
            }
            run();
        }

        @Override
        public void onFailure(Exception cause) {
            if (closed) {
                return;
            }
            machine.onFailure(clock.nanoTime());
            if (reachable) {
                reachable = false;
                contacts.lost(leader);
                LOG.atWarn()
                        .addKeyValue("leader", leader)
                        .addKeyValue("partitions", machine.size())
                        .addKeyValue("cause", String.valueOf(cause))
                        .log("the leader cannot be reached, will go on trying");
            }
            run();
        }
    }

    // ---- one partition of an answer

    private void take(FollowedPartition<Partition> partition, PartitionData data) {
        ErrorCode error = ErrorCode.of(data.errorCode);
        if (error == ErrorCode.OFFSET_OUT_OF_RANGE) {
            inquire(partition);
        } else if (error != ErrorCode.NONE) {
            failed(partition, error, null);
        } else if (data.divergingEpoch.epoch >= 0) {
            OffsetAndEpoch leaderEnd = new OffsetAndEpoch(data.divergingEpoch.endOffset, data.divergingEpoch.epoch);
            onDisk(partition, () -> partition.log.asFollower().truncate(partition.leaderEpoch, leaderEnd));
        } else {
            append(partition, data);
        }
    }

    private void append(FollowedPartition<Partition> partition, PartitionData data) {
        Partition log = partition.log;
        if (throttle.appliesTo(log.id())) {
            throttle.record(data.records.sizeInBytes());
        }
        Refusal refusal = log.asFollower()
                .append(partition.leaderEpoch, bytesOf(data.records), data.highWatermark, data.logStartOffset);
        if (refusal != null) {
            refused(partition, refusal);
            return;
        }
        FollowerPosition position = log.asFollower().position();
        machine.onCompared(partition, position.logEndOffset(), data.highWatermark);
        if (position.logEndOffset() == partition.position.logEndOffset()
                || !log.log().flushesBeforeAck()) {
            machine.onAppended(partition, position);
            return;
        }
        // the leader takes what is asked for next as a sign that all before is safe here (DESIGN D17)
        machine.onBusy(partition);
        log.log()
                .whenFlushed(
                        position.logEndOffset(),
                        () -> onLoop(() -> {
                            machine.onReady(partition, position);
                            run();
                        }));
    }

    private static ByteBuffer bytesOf(Records records) {
        return records instanceof BufferRecords received && received.sizeInBytes() > 0 ? received.nioBuffer() : NOTHING;
    }

    /** The leader has nothing of what would come next here: find out why. */
    private void inquire(FollowedPartition<Partition> partition) {
        machine.onBusy(partition);
        inquiry.ask(partition.log, partition.leaderEpoch, new LeaderInquiry.Finding() {
            @Override
            public void truncate(OffsetAndEpoch leaderEnd) {
                onDisk(partition, () -> partition.log.asFollower().truncate(partition.leaderEpoch, leaderEnd));
                run();
            }

            @Override
            public void startAnew(long startOffset) {
                onDisk(partition, () -> partition.log.asFollower().startAnew(partition.leaderEpoch, startOffset));
                run();
            }

            @Override
            public void none(String why) {
                failed(partition, ErrorCode.OFFSET_OUT_OF_RANGE, why);
                run();
            }
        });
    }

    /** Changes the log on a thread that may wait; the partition is not asked for meanwhile. */
    private void onDisk(FollowedPartition<Partition> partition, Supplier<Outcome<FollowerPosition>> change) {
        if (partition.state == FollowedPartition.State.GONE) {
            return;
        }
        machine.onBusy(partition);
        try {
            disks.execute(() -> {
                Outcome<FollowerPosition> outcome = change.get();
                onLoop(() -> {
                    if (outcome.isDone()) {
                        machine.onReady(partition, outcome.value());
                    } else {
                        refused(partition, outcome.refusal());
                    }
                    run();
                });
            });
        } catch (RejectedExecutionException stopping) {
            LOG.atDebug().addKeyValue("partition", partition).log("not cut, the broker is stopping");
        }
    }

    private void onLoop(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException stopping) {
            LOG.atDebug().addKeyValue("leader", leader).log("loop has ended, fetcher is forgotten");
        }
    }

    private void refused(FollowedPartition<Partition> partition, Refusal refusal) {
        switch (refusal.reason()) {
            case FENCED_LEADER_EPOCH, STORAGE_ERROR -> {
                // of another role or epoch by now, which we are about to hear of, or lost with its disk: it is left in
                // peace
                machine.onBusy(partition);
            }
            default -> failed(partition, ErrorCode.CORRUPT_MESSAGE, refusal.message());
        }
    }

    private void failed(FollowedPartition<Partition> partition, ErrorCode error, String why) {
        if (partition.state == FollowedPartition.State.GONE) {
            return;
        }
        long now = clock.nanoTime();
        machine.onFailed(partition, now);
        boolean passing = error.isRetriable() && why == null;
        boolean tell = passing
                ? !partition.failureTold && now - partition.failingSinceNanos >= LASTING_NANOS
                : !partition.errorTold;
        partition.failureTold |= tell;
        partition.errorTold |= tell && !passing;
        LOG.atLevel(!tell ? Level.DEBUG : passing ? Level.WARN : Level.ERROR)
                .addKeyValue("partition", partition.log.id())
                .addKeyValue("leader", leader)
                .addKeyValue("leaderEpoch", partition.leaderEpoch)
                .addKeyValue("error", error)
                .addKeyValue("cause", why)
                .log("cannot be copied now, will be tried again");
    }
}

package io.barnabas.runtime.replicated;

import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A log that behaves, in memory: appends may be refused, commits held back, and the leadership ended, after which this journal refuses
 * everything and {@link #nextLeadership} gives the one that follows on the same log. Thread-safe.
 */
public final class InMemoryJournal implements Journal, StoredLog {
    private final Log log;
    private final int leadership;

    private boolean ended;
    private boolean holding;
    private long committedWhenEnded;
    private Refusal refusal;
    private int refusals;
    private int maxBatchBytes = Integer.MAX_VALUE;
    private final TreeMap<Long, List<Consumer<Refusal>>> untilCommitted = new TreeMap<>();

    /** What one batch or marker was. */
    public sealed interface Stored {
        long baseOffset();

        long endOffset();
    }

    public record StoredBatch(long baseOffset, int leadership, Journal.Batch batch) implements Stored {
        @Override
        public long endOffset() {
            return baseOffset + batch.entries().size();
        }
    }

    public record StoredMarker(long baseOffset, long producerId, short producerEpoch, boolean commit)
            implements Stored {
        @Override
        public long endOffset() {
            return baseOffset + 1;
        }
    }

    /** What outlives a leadership. */
    private static final class Log {
        final List<Stored> stored = new ArrayList<>();
        long endOffset;
        long committed;
        int leadership;
    }

    public InMemoryJournal() {
        this(new Log());
    }

    private InMemoryJournal(Log log) {
        this.log = log;
        this.leadership = ++log.leadership;
    }

    // ---- the machine's side

    @Override
    public Outcome<Long> append(Journal.Batch batch) {
        long endOffset;
        synchronized (log) {
            if (ended) {
                return Outcome.refused(Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER));
            }
            if (refusals != 0) {
                refusals--;
                return Outcome.refused(refusal);
            }
            if (batch.entries().isEmpty()) {
                throw new IllegalArgumentException("an empty batch");
            }
            int size = batch.entries().stream().mapToInt(Entry::sizeInBytes).sum();
            if (size > maxBatchBytes) {
                return Outcome.refused(Refusal.of(Refusal.Reason.MESSAGE_TOO_LARGE));
            }
            log.stored.add(new StoredBatch(log.endOffset, leadership, batch));
            log.endOffset += batch.entries().size();
            endOffset = log.endOffset;
            if (!holding) {
                log.committed = endOffset;
            }
        }
        tellCommitted();
        return Outcome.done(endOffset);
    }

    @Override
    public long committedEndOffset() {
        synchronized (log) {
            return ended ? committedWhenEnded : log.committed;
        }
    }

    @Override
    public void whenCommitted(long endOffset, Consumer<Refusal> then) {
        Refusal decided = null;
        synchronized (log) {
            if (committedEndOffset() < endOffset) {
                if (!ended) {
                    untilCommitted
                            .computeIfAbsent(endOffset, offset -> new ArrayList<>())
                            .add(then);
                    return;
                }
                decided = Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
            }
        }
        then.accept(decided);
    }

    @Override
    public long readAll(Reader reader) {
        List<Stored> all = stored();
        long end = 0;
        for (Stored each : all) {
            if (reader.isCancelled()) {
                break;
            }
            if (each instanceof StoredMarker marker) {
                reader.onMarker(marker.baseOffset, marker.producerId, marker.producerEpoch, marker.commit);
            } else if (each instanceof StoredBatch batch) {
                long offset = batch.baseOffset;
                for (Entry entry : batch.batch.entries()) {
                    reader.onRecord(
                            offset++,
                            batch.batch.timestampMillis(),
                            batch.batch.producerId(),
                            batch.batch.producerEpoch(),
                            ByteBuffer.wrap(entry.key()),
                            entry.value() == null ? null : ByteBuffer.wrap(entry.value()));
                }
            }
            end = each.endOffset();
        }
        return end;
    }

    // ---- the test's side

    /** Everything in the log, whoever wrote it. */
    public List<Stored> stored() {
        synchronized (log) {
            return List.copyOf(log.stored);
        }
    }

    /** The batches in the log, whoever wrote them. */
    public List<StoredBatch> batches() {
        return stored().stream()
                .filter(StoredBatch.class::isInstance)
                .map(StoredBatch.class::cast)
                .toList();
    }

    public long endOffset() {
        synchronized (log) {
            return log.endOffset;
        }
    }

    /** What is appended from now on stays uncommitted. */
    public void holdCommits() {
        synchronized (log) {
            holding = true;
        }
    }

    /** Everything is committed, and what is appended from now on is at once. */
    public void commitAll() {
        synchronized (log) {
            holding = false;
        }
        commitUpTo(Long.MAX_VALUE);
    }

    public void commitUpTo(long endOffset) {
        synchronized (log) {
            if (ended) {
                throw new IllegalStateException("the leadership is over");
            }
            log.committed = Math.max(log.committed, Math.min(endOffset, log.endOffset));
        }
        tellCommitted();
    }

    /** The next {@code count} appends are refused; -1 for all until further notice. */
    public void refuse(int count, Refusal.Reason reason) {
        synchronized (log) {
            refusals = count;
            refusal = Refusal.of(reason);
        }
    }

    /** Appends are accepted again. */
    public void accept() {
        synchronized (log) {
            refusals = 0;
        }
    }

    /** Larger batches are refused as too large. */
    public void limitBatches(int bytes) {
        synchronized (log) {
            maxBatchBytes = bytes;
        }
    }

    /** What a transaction's coordinator writes, committed at once. @return its offset */
    public long appendMarker(long producerId, short producerEpoch, boolean commit) {
        long offset;
        synchronized (log) {
            offset = log.endOffset++;
            log.stored.add(new StoredMarker(offset, producerId, producerEpoch, commit));
            log.committed = log.endOffset;
        }
        tellCommitted();
        return offset;
    }

    /** Bytes of whatever kind, as another broker may have written them. */
    public void appendForeign(byte[] key, byte[] value, long timestampMillis) {
        synchronized (log) {
            log.stored.add(new StoredBatch(
                    log.endOffset,
                    leadership,
                    new Journal.Batch(
                            Collections.singletonList(new Entry(key, value)),
                            timestampMillis,
                            Journal.NO_PRODUCER,
                            (short) -1)));
            log.endOffset++;
            log.committed = log.endOffset;
        }
        tellCommitted();
    }

    /** This leadership is over: what is not committed will not be known here. */
    public void end() {
        List<Consumer<Refusal>> undecided = new ArrayList<>();
        synchronized (log) {
            ended = true;
            committedWhenEnded = log.committed;
            untilCommitted.values().forEach(undecided::addAll);
            untilCommitted.clear();
        }
        undecided.forEach(then -> then.accept(Refusal.of(Refusal.Reason.NOT_LEADER_OR_FOLLOWER)));
    }

    /** The next leader has everything, as an in-sync replica does; what was uncommitted is so still, until {@link #commitAll}. */
    public InMemoryJournal nextLeadership() {
        return nextLeadership(Long.MAX_VALUE);
    }

    /**
     * The next leader lacks what lies from {@code endOffset} on; not below what is committed.
     *
     * @param endOffset where a batch ends
     */
    public InMemoryJournal nextLeadership(long endOffset) {
        end();
        synchronized (log) {
            if (endOffset < log.committed) {
                throw new IllegalArgumentException("what is committed is not lost");
            }
            log.stored.removeIf(each -> each.endOffset() > endOffset);
            log.endOffset = log.stored.isEmpty()
                    ? 0
                    : log.stored.get(log.stored.size() - 1).endOffset();
            InMemoryJournal next = new InMemoryJournal(log);
            next.holding = log.committed < log.endOffset;
            next.maxBatchBytes = maxBatchBytes;
            return next;
        }
    }

    private void tellCommitted() {
        List<Consumer<Refusal>> decided = new ArrayList<>();
        synchronized (log) {
            Map<Long, List<Consumer<Refusal>>> done = untilCommitted.headMap(log.committed, true);
            done.values().forEach(decided::addAll);
            done.clear();
        }
        decided.forEach(then -> then.accept(null));
    }
}

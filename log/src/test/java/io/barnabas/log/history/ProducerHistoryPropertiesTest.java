package io.barnabas.log.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.history.ProducerHistory.Verdict;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.runtime.loop.SeededRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Against a model that keeps the whole log and answers by searching it. */
class ProducerHistoryPropertiesTest {
    private static final long SEQUENCES = 1L << 31;

    /** A batch or, with count 0, a marker. */
    private record Logged(
            long producer, int epoch, long sequence, int count, long offset, boolean transactional, boolean committed) {
        long end() {
            return offset + Math.max(count, 1);
        }
    }

    private final List<Logged> log = new ArrayList<>();
    private ProducerHistory history = new ProducerHistory();
    private long logEndOffset;
    private long highWatermark;

    @Test
    @DisplayName("verdicts, offsets of duplicates and the last stable offset are the model's (PROD-23..31, LOG-45)")
    void agreesWithTheLog() {
        SeededRandom random = SeededRandom.fresh();
        for (int round = 0; round < 60; round++) {
            log.clear();
            history = new ProducerHistory();
            logEndOffset = random.nextInt(1000);
            highWatermark = logEndOffset;
            long[] next = new long[3];
            for (int i = 0; i < next.length; i++) {
                next[i] = random.nextBoolean() ? 0 : SEQUENCES - random.nextInt(40);
            }
            for (int step = 0; step < 300; step++) {
                step(random, next);
                highWatermark = Math.max(highWatermark, logEndOffset - random.nextInt(6));
                assertThat(history.lastStableOffset(highWatermark))
                        .as(random.toString())
                        .isEqualTo(expectedLastStableOffset());
            }
        }
    }

    private void step(SeededRandom random, long[] next) {
        int producer = random.nextInt(next.length);
        Logged last = lastOf(producer);
        int epoch = last == null ? 0 : last.epoch();
        if (random.nextInt(6) == 0) {
            endTransaction(random, producer, epoch);
            return;
        }
        long sequence = next[producer];
        int count = 1 + random.nextInt(4);
        switch (random.nextInt(10)) {
            case 0 -> sequence = sequence + 1 + random.nextInt(3);
            case 1 -> sequence = Math.max(0, sequence - random.nextInt(12));
            case 2 -> {
                epoch = Math.max(0, epoch + random.nextInt(3) - 1);
                sequence = random.nextBoolean() ? 0 : sequence;
            }
            case 3, 4 -> {
                Logged again = randomBatchOf(random, producer);
                if (again != null) {
                    epoch = again.epoch();
                    sequence = again.sequence();
                    count = again.count();
                }
            }
            default -> {}
        }
        sequence %= SEQUENCES;
        boolean transactional = openTransactionOf(producer) >= 0 ? random.nextInt(8) > 0 : random.nextInt(4) == 0;
        Logged candidate = new Logged(producer, epoch, sequence, count, logEndOffset, transactional, false);

        Outcome<Verdict> verdict = history.check(domain(candidate));

        Object expected = expectedVerdict(candidate);
        if (expected instanceof Reason reason) {
            assertThat(verdict.refusal()).as("%s: %s", random, candidate).isNotNull();
            assertThat(verdict.refusal().reason())
                    .as("%s: %s", random, candidate)
                    .isEqualTo(reason);
        } else if (expected instanceof Logged original) {
            assertThat(verdict.value().original()).as(random.toString()).isNotNull();
            assertThat(verdict.value().original().firstOffset())
                    .as(random.toString())
                    .isEqualTo(original.offset());
        } else {
            assertThat(verdict.isDone())
                    .as("%s: %s %s", random, candidate, verdict.refusal())
                    .isTrue();
            assertThat(verdict.value().isDuplicate()).as(random.toString()).isFalse();
            if (random.nextInt(10) > 0) {
                history.commit(domain(candidate), 0);
                append(candidate);
                next[producer] = (sequence + count) % SEQUENCES;
            }
        }
    }

    private void endTransaction(SeededRandom random, int producer, int epoch) {
        long first = openTransactionOf(producer);
        boolean committed = random.nextBoolean();
        TransactionMarker marker =
                new TransactionMarker(producer, (short) epoch, committed, 0, logEndOffset, logEndOffset);
        assertThat(history.check(marker)).as(random.toString()).isNull();

        AbortedTransaction aborted = history.commit(marker, 0);

        append(new Logged(producer, epoch, -1, 0, logEndOffset, true, committed));
        if (first < 0 || committed) {
            assertThat(aborted).as(random.toString()).isNull();
        } else {
            assertThat(aborted.firstOffset()).as(random.toString()).isEqualTo(first);
            assertThat(aborted.lastOffset()).as(random.toString()).isEqualTo(logEndOffset - 1);
        }
    }

    /** A reason, the batch it repeats, or null for a new one. */
    private Object expectedVerdict(Logged candidate) {
        Logged last = lastOf(candidate.producer());
        if (last == null) {
            return null;
        }
        if (candidate.epoch() < last.epoch()) {
            return Reason.INVALID_PRODUCER_EPOCH;
        }
        List<Logged> ofEpoch = log.stream()
                .filter(logged -> logged.producer() == candidate.producer()
                        && logged.epoch() == candidate.epoch()
                        && logged.count() > 0)
                .toList();
        for (int i = ofEpoch.size() - 1; i >= Math.max(0, ofEpoch.size() - 5); i--) {
            Logged kept = ofEpoch.get(i);
            if (kept.sequence() == candidate.sequence() && kept.count() == candidate.count()) {
                return kept;
            }
        }
        long due = 0;
        if (!ofEpoch.isEmpty()) {
            Logged newest = ofEpoch.get(ofEpoch.size() - 1);
            due = (newest.sequence() + newest.count()) % SEQUENCES;
        }
        if (candidate.sequence() != due) {
            return Reason.OUT_OF_ORDER_SEQUENCE_NUMBER;
        }
        return openTransactionOf(candidate.producer()) >= 0 && !candidate.transactional()
                ? Reason.INVALID_TXN_STATE
                : null;
    }

    private long expectedLastStableOffset() {
        long undecided = highWatermark;
        for (int producer = 0; producer < 3; producer++) {
            long first = -1;
            for (Logged logged : log) {
                if (logged.producer() != producer || !logged.transactional()) {
                    continue;
                }
                if (logged.count() > 0) {
                    first = first < 0 ? logged.offset() : first;
                } else {
                    if (first >= 0 && logged.offset() >= highWatermark) {
                        undecided = Math.min(undecided, first);
                    }
                    first = -1;
                }
            }
            if (first >= 0) {
                undecided = Math.min(undecided, first);
            }
        }
        return undecided;
    }

    private long openTransactionOf(long producer) {
        long first = -1;
        for (Logged logged : log) {
            if (logged.producer() == producer && logged.transactional()) {
                first = logged.count() == 0 ? -1 : first < 0 ? logged.offset() : first;
            }
        }
        return first;
    }

    private Logged lastOf(long producer) {
        return log.stream()
                .filter(logged -> logged.producer() == producer)
                .reduce((one, other) -> other)
                .orElse(null);
    }

    private Logged randomBatchOf(SeededRandom random, long producer) {
        List<Logged> batches = log.stream()
                .filter(logged -> logged.producer() == producer && logged.count() > 0)
                .toList();
        return batches.isEmpty() ? null : batches.get(Math.max(0, batches.size() - 1 - random.nextInt(8)));
    }

    private void append(Logged logged) {
        log.add(logged);
        logEndOffset = logged.end();
    }

    private static ProducerBatch domain(Logged batch) {
        return new ProducerBatch(
                batch.producer(),
                (short) batch.epoch(),
                (int) batch.sequence(),
                (int) ((batch.sequence() + batch.count() - 1) % SEQUENCES),
                batch.offset(),
                batch.end() - 1,
                batch.offset(),
                batch.transactional());
    }
}

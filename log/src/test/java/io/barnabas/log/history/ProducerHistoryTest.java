package io.barnabas.log.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.log.history.ProducerHistory.Verdict;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal.Reason;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ProducerHistoryTest {
    private static final long PRODUCER = 7;
    private static final long NOW = 1_000_000;
    private static final int LAST = Integer.MAX_VALUE;

    private ProducerHistory history = new ProducerHistory();
    private long logEndOffset;

    @Test
    @DisplayName("each of the last five batches is recognised, in any order, with its offset and time (PROD-23)")
    void lastFiveAreRecognised() {
        for (int i = 0; i < 6; i++) {
            append(0, 2 * i, 2);
        }

        for (int i : new int[] {5, 1, 3, 2, 4}) {
            KeptBatch original = check(0, 2 * i, 2).value().original();
            assertThat(original.firstOffset()).isEqualTo(2L * i);
            assertThat(original.lastOffset()).isEqualTo(2L * i + 1);
            assertThat(original.timestamp()).isEqualTo(NOW);
        }
        assertThat(logEndOffset).isEqualTo(12);
    }

    @Test
    @DisplayName("older than the window, partial, overlapping or with a gap is OUT_OF_ORDER (PROD-25)")
    void outOfOrder() {
        for (int i = 0; i < 6; i++) {
            append(0, 2 * i, 2);
        }

        assertRefused(0, 0, 2, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(0, 10, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(0, 11, 2, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(0, 14, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(0, 12, 1).isDone()).isTrue();
    }

    @Test
    @DisplayName("the last five of before a new leader are recognised, whatever it has taken since (PROD-23, PROD-25)")
    void lastFiveBeforeANewLeader() {
        for (int i = 0; i < 6; i++) {
            append(0, i, 1);
        }
        history.onLeaderEpoch(logEndOffset);
        for (int i = 6; i < 40; i++) {
            append(0, i, 1);
        }

        for (int i : new int[] {5, 1, 3, 2, 4}) {
            assertThat(check(0, i, 1).value().original().firstOffset()).isEqualTo(i);
        }
        assertRefused(0, 0, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(0, 6, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertRefused(0, 34, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(0, 35, 1).value().original().firstOffset()).isEqualTo(35);
        history.onLeaderEpoch(logEndOffset);
        for (int i = 40; i < 60; i++) {
            append(0, i, 1);
        }
        assertThat(check(0, 37, 1).value().original().firstOffset()).isEqualTo(37);
        assertRefused(0, 5, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        append(1, 0, 1);
        assertRefused(0, 37, 1, Reason.INVALID_PRODUCER_EPOCH);
    }

    @Test
    @DisplayName("after 2^31-1 comes 0, also inside a batch and after a restart (PROD-26)")
    void sequencesWrap() {
        append(0, LAST - 1, 3);

        assertThat(check(0, LAST - 1, 3).value().isDuplicate()).isTrue();
        assertRefused(0, 0, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        history = ProducerHistory.fromEntries(history.entries(), NOW);
        assertThat(check(0, LAST - 1, 3).value().isDuplicate()).isTrue();
        append(0, 1, 1);
        assertThat(check(0, 1, 1).value().original().firstOffset()).isEqualTo(3);
    }

    @Test
    @DisplayName("a batch that ends at 2^31-1 is followed by 0 (PROD-26)")
    void wrapBetweenBatches() {
        append(0, LAST, 1);

        assertThat(check(0, 0, 1).value().isDuplicate()).isFalse();
    }

    @Test
    @DisplayName("a producer without state may begin anywhere (PROD-27)")
    void unknownProducer() {
        append(3, 5, 1);

        assertThat(check(3, 6, 1).isDone()).isTrue();
    }

    @Test
    @DisplayName("a higher epoch begins at 0 and forgets the window, a lower one is fenced (PROD-28)")
    void epochs() {
        append(1, 0, 1);

        assertRefused(2, 3, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        append(2, 0, 1);
        assertRefused(1, 1, 1, Reason.INVALID_PRODUCER_EPOCH);
        assertRefused(1, 0, 1, Reason.INVALID_PRODUCER_EPOCH);
        assertThat(check(2, 0, 1).value().original().firstOffset()).isEqualTo(1);
    }

    @Test
    @DisplayName("a check alone changes nothing: a failed append may be tried again (PROD-30)")
    void checkChangesNothing() {
        append(0, 0, 1);
        List<ProducerState> before = history.entries();

        assertThat(check(0, 1, 4).value().isDuplicate()).isFalse();
        assertThat(check(1, 0, 1).value().isDuplicate()).isFalse();

        assertThat(history.entries()).isEqualTo(before);
        assertThat(check(0, 1, 4).value().isDuplicate()).isFalse();
    }

    @Test
    @DisplayName("replicated and recovered batches are noted unjudged, and dedupe afterwards (PROD-31)")
    void replay() {
        append(0, 0, 1);
        append(0, 9, 2);
        append(4, 70, 1);

        assertThat(check(4, 70, 1).value().isDuplicate()).isTrue();
        assertThat(check(4, 71, 1).isDone()).isTrue();
    }

    @Test
    @DisplayName("state ends a while after the last append, not after the date of the records (PROD-32)")
    void expiry() {
        long day = 86_400_000;
        long now = 10 * day;
        history.commit(new ProducerBatch(1, (short) 0, 0, 0, 0, 0, now - 2 * day, false), now);
        history.commit(new ProducerBatch(2, (short) 0, 0, 0, 1, 1, now + day, false), now);
        history.commit(new ProducerBatch(3, (short) 0, 0, 0, 2, 2, now, true), now);

        assertThat(history.expire(now + day - 1, day)).isZero();
        assertThat(history.expire(now + day, day)).isEqualTo(1);
        assertThat(history.entries()).extracting(ProducerState::producerId).containsExactlyInAnyOrder(2L, 3L);
        assertThat(history.expire(now + 9 * day, day)).isEqualTo(1);
        assertThat(history.entries()).extracting(ProducerState::producerId).containsExactly(3L);
    }

    @Test
    @DisplayName("a batch outside of the producer's open transaction is INVALID_TXN_STATE (PROD-33)")
    void batchOutsideOfTransaction() {
        appendInTransaction(PRODUCER, 0);

        assertRefused(0, 1, 1, Reason.INVALID_TXN_STATE);
    }

    @Test
    @DisplayName("an open transaction holds the last stable offset, its marker holds it until replicated (LOG-45)")
    void lastStableOffset() {
        append(0, 0, 5);
        appendInTransaction(20, 0);
        append(0, 5, 1);
        appendInTransaction(21, 0);

        assertThat(history.lastStableOffset(8)).isEqualTo(5);
        assertThat(history.lastStableOffset(4)).isEqualTo(4);
        assertThat(history.firstOpenTransactionOffset()).isEqualTo(5);
        end(20, true, 0);
        assertThat(history.lastStableOffset(8)).isEqualTo(5);
        assertThat(history.lastStableOffset(9)).isEqualTo(7);
        end(21, false, 0);
        assertThat(history.lastStableOffset(9)).isEqualTo(7);
        assertThat(history.lastStableOffset(10)).isEqualTo(10);
    }

    @Test
    @DisplayName("an abort tells of the transaction and of the stable offset after it, a commit does not (LOG-06)")
    void abortedTransactions() {
        logEndOffset = 6;
        appendInTransaction(0, 0);
        logEndOffset = 11;
        assertThat(end(0, false, 0)).isEqualTo(new AbortedTransaction(0, 6, 11, 12));

        appendInTransaction(1, 0);
        appendInTransaction(2, 0);
        assertThat(end(2, false, 0)).isEqualTo(new AbortedTransaction(2, 13, 14, 12));
        assertThat(end(1, true, 0)).isNull();
        assertThat(end(1, false, 0)).isNull();
    }

    @Test
    @DisplayName("markers of a deposed coordinator or an old producer epoch are refused (LOG-03)")
    void fencedMarkers() {
        appendInTransaction(PRODUCER, 0);
        end(PRODUCER, true, 5);

        assertThat(history.check(marker(0, 4)).reason()).isEqualTo(Reason.TRANSACTION_COORDINATOR_FENCED);
        assertThat(history.check(marker(0, 5))).isNull();
        append(3, 0, 1);
        assertThat(history.check(marker(2, 5)).reason()).isEqualTo(Reason.INVALID_PRODUCER_EPOCH);
        assertThat(history.check(new TransactionMarker(999, (short) 0, true, 0, -1, NOW)))
                .isNull();
    }

    @Test
    @DisplayName("a marker with a higher epoch fences: the next batch begins at 0 of that epoch (PROD-28)")
    void markerRaisesTheEpoch() {
        appendInTransaction(PRODUCER, 0);
        history.commit(new TransactionMarker(PRODUCER, (short) 1, false, 0, logEndOffset++, NOW), NOW);

        assertRefused(0, 1, 1, Reason.INVALID_PRODUCER_EPOCH);
        assertRefused(1, 5, 1, Reason.OUT_OF_ORDER_SEQUENCE_NUMBER);
        assertThat(check(1, 0, 1).isDone()).isTrue();
    }

    @Test
    @DisplayName("a snapshot brings back the last batch, the epoch and the open transaction (PROD-31, LOG-07)")
    void snapshot() {
        append(2, 40, 3);
        appendInTransaction(8, 5);
        ProducerHistory restored = ProducerHistory.fromEntries(history.entries(), NOW);

        assertThat(restored.entries()).containsExactlyInAnyOrderElementsOf(history.entries());
        assertThat(restored.check(batch(PRODUCER, 2, 40, 3, false)).value().original())
                .isEqualTo(new KeptBatch(40, 42, 0, 2, NOW));
        assertThat(restored.lastStableOffset(100)).isEqualTo(3);
        assertThat(restored.isLastBatchOf(PRODUCER, 2)).isTrue();
        assertThat(restored.isLastBatchOf(PRODUCER, 1)).isFalse();
    }

    private Outcome<Verdict> check(int epoch, int sequence, int count) {
        return history.check(batch(PRODUCER, epoch, sequence, count, false));
    }

    private void append(int epoch, int sequence, int count) {
        history.commit(batch(PRODUCER, epoch, sequence, count, false).at(logEndOffset), NOW);
        logEndOffset += count;
    }

    private void appendInTransaction(long producerId, int sequence) {
        history.commit(batch(producerId, 0, sequence, 1, true).at(logEndOffset), NOW);
        logEndOffset++;
    }

    private AbortedTransaction end(long producerId, boolean committed, int coordinatorEpoch) {
        return history.commit(
                new TransactionMarker(producerId, (short) 0, committed, coordinatorEpoch, logEndOffset++, NOW), NOW);
    }

    private static TransactionMarker marker(int epoch, int coordinatorEpoch) {
        return new TransactionMarker(PRODUCER, (short) epoch, true, coordinatorEpoch, -1, NOW);
    }

    private static ProducerBatch batch(long producerId, int epoch, int sequence, int count, boolean transactional) {
        return new ProducerBatch(
                producerId,
                (short) epoch,
                sequence,
                (sequence + count - 1) & Integer.MAX_VALUE,
                -1,
                -1,
                NOW,
                transactional);
    }

    private void assertRefused(int epoch, int sequence, int count, Reason reason) {
        assertThat(check(epoch, sequence, count).refusal().reason()).isEqualTo(reason);
    }
}

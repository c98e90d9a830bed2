package io.barnabas.broker.api;

import static io.barnabas.broker.api.DataPlane.brokers;
import static io.barnabas.broker.api.DataPlane.led;
import static org.assertj.core.api.Assertions.assertThat;

import io.barnabas.broker.replica.AckWaiters;
import io.barnabas.broker.replica.Partition;
import io.barnabas.log.AppendedBatch;
import io.barnabas.log.LogSlice;
import io.barnabas.log.batch.AppendOrigin;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Outcome;
import io.barnabas.model.Refusal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One partition among real threads. */
class PartitionConcurrencyTest {
    private static final int THREADS = 4;
    private static final int APPENDS = 300;

    @TempDir
    Path directory;

    @Test
    @DisplayName(
            "every acknowledgement is decided once, whoever moves the watermark, and none before it is replicated (PROD-16)")
    void noAcknowledgementIsLost() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1);
        try (DataPlane plane = new DataPlane(directory)) {
            Partition partition = plane.host("r", 0);
            partition.becomeLeader(led(1, 5, 3, 1, 2), brokers(1, 2));
            CountDownLatch undecided = new CountDownLatch(THREADS * APPENDS);
            ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                running.add(threads.submit(() -> {
                    for (int i = 0; i < APPENDS; i++) {
                        AppendedBatch appended = partition
                                .append(Batches.plain(2), (short) -1, AppendOrigin.CLIENT, (short) 9)
                                .value();
                        AckWaiters.Waiter waiter =
                                new AckWaiters.Waiter(appended.lastOffset(), 5, (decided, refusal) -> {
                                    if (refusal != null || partition.view().highWatermark() <= appended.lastOffset()) {
                                        wrong.add(appended + ": " + refusal);
                                    }
                                    undecided.countDown();
                                });
                        if (!partition.park(waiter)) {
                            undecided.countDown();
                        }
                    }
                }));
            }
            Future<?> follower = threads.submit(() -> {
                while (!done.get()) {
                    partition.onFollowerFetched(
                            new BrokerId(2), 1, 5, partition.view().logEndOffset(), 0);
                    Thread.yield();
                }
            });

            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }
            assertThat(undecided.await(60, TimeUnit.SECONDS)).isTrue();
            done.set(true);
            follower.get(60, TimeUnit.SECONDS);

            assertThat(wrong).isEmpty();
            assertThat(partition.ackWaiters().count()).isZero();
            assertThat(partition.view().highWatermark()).isEqualTo(2L * THREADS * APPENDS);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    @DisplayName(
            "while leaderships come and go nothing is written with an epoch that has ended (REPL-16, REPL-33, FETCH-25)")
    void epochsNeverGoBack() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (DataPlane plane = new DataPlane(directory)) {
            Partition partition = plane.host("r", 0);
            AtomicBoolean done = new AtomicBoolean();
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                running.add(threads.submit(() -> {
                    while (!done.get()) {
                        Outcome<AppendedBatch> outcome =
                                partition.append(Batches.plain(1), (short) 1, AppendOrigin.CLIENT, (short) 9);
                        if (!outcome.isDone()) {
                            assertThat(outcome.refusal().reason()).isEqualTo(Refusal.Reason.NOT_LEADER_OR_FOLLOWER);
                            Thread.yield();
                        }
                    }
                }));
            }
            for (int epoch = 0; epoch < 60; epoch += 2) {
                long before = partition.view().logEndOffset();
                partition.becomeLeader(led(1, epoch, epoch, 1), brokers(1, 2));
                assertThat(partition.view().epochStartOffset()).isGreaterThanOrEqualTo(before);
                while (partition.view().logEndOffset() < before + 3) {
                    Thread.yield();
                }
                partition.becomeFollower(led(2, epoch + 1, epoch + 1, 1, 2), brokers(1, 2));
            }
            done.set(true);
            for (Future<?> one : running) {
                one.get(60, TimeUnit.SECONDS);
            }

            int last = -1;
            long offset = 0;
            long end = partition.view().logEndOffset();
            ByteBuffer header = ByteBuffer.allocate(61);
            while (offset < end) {
                LogSlice slice = partition.read(offset, 61, end, true);
                header.clear();
                assertThat(slice.readInto(header, 0)).isEqualTo(61);
                slice.release();
                assertThat(header.getInt(12)).isGreaterThanOrEqualTo(last).isEven();
                last = header.getInt(12);
                assertThat(partition.log().endOffsetOf(last).offset()).isGreaterThan(offset);
                offset = header.getLong(0) + header.getInt(23) + 1;
            }
            assertThat(last).isEqualTo(58);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}

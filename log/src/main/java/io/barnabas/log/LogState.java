package io.barnabas.log;

import io.barnabas.log.history.LeaderEpochHistory;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.history.ProducerSnapshotCodec;
import io.barnabas.model.Invariant;
import io.barnabas.model.TopicPartition;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * What changes in a log, and the lock under which it does. Appends, truncation, retention and leadership change it one at a
 * time; readers take the last published {@link #view} without the lock.
 */
final class LogState {
    /** Guards everything that appends change; taken after the lock of {@link LogDurability}, never before. */
    final Object appendLock = new Object();

    private final TopicPartition partition;

    /** Guarded by the append lock, as are the producers and the age of the active segment. */
    private final LeaderEpochHistory epochs;

    private ProducerHistory producers;
    private long activeCreatedMs;

    /** Set with the append lock held. */
    private volatile boolean closed;

    private volatile LogView view;
    private volatile Path directory;
    private volatile LogConfig config;

    LogState(TopicPartition partition, LoadedLog loaded, LogConfig config) {
        this.partition = partition;
        this.directory = loaded.directory();
        this.config = config;
        this.epochs = loaded.epochs();
        this.producers = loaded.producers();
        this.activeCreatedMs = loaded.activeCreatedMs();
        publish(new LogView(
                SegmentList.of(loaded.segments()),
                loaded.logStartOffset(),
                loaded.logEndOffset(),
                loaded.segments().get(loaded.segments().size() - 1).sizeBytes(),
                loaded.highWatermark(),
                stableOffset(loaded.highWatermark(), loaded.logStartOffset())));
    }

    TopicPartition partition() {
        return partition;
    }

    Path directory() {
        return directory;
    }

    void movedTo(Path newDirectory) {
        directory = newDirectory;
    }

    LogConfig config() {
        return config;
    }

    void reconfigure(LogConfig newConfig) {
        config = newConfig;
    }

    /** Whether nothing is appended any more. */
    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    LeaderEpochHistory epochs() {
        return epochs;
    }

    ProducerHistory producers() {
        return producers;
    }

    void replaceProducers(ProducerHistory replayed) {
        producers = replayed;
    }

    /** The producers as a snapshot file holds them. */
    byte[] encodedProducers() {
        ByteBuffer encoded = ProducerSnapshotCodec.encode(producers.entries());
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    /** When the active segment began, by the wall clock. */
    long activeCreatedMs() {
        return activeCreatedMs;
    }

    void onActiveCreated(long nowMs) {
        activeCreatedMs = nowMs;
    }

    /** What readers see. */
    LogView view() {
        return view;
    }

    void publish(LogView next) {
        checkInvariants(next);
        view = next;
    }

    /** After an append to the active segment. */
    void publishEnd(long logEndOffset) {
        LogView before = view;
        view = new LogView(
                before.segments(),
                before.logStartOffset(),
                logEndOffset,
                before.segments().active().sizeBytes(),
                before.highWatermark(),
                before.lastStableOffset());
    }

    /** A transaction that is open since before the log's start holds back nothing that can be read. */
    long stableOffset(long highWatermark, long logStartOffset) {
        return Math.max(logStartOffset, producers.lastStableOffset(highWatermark));
    }

    private static void checkInvariants(LogView view) {
        Invariant.atMost(view.logStartOffset(), view.highWatermark(), "log start above high watermark");
        Invariant.atMost(view.highWatermark(), view.logEndOffset(), "high watermark above log end");
        Invariant.atMost(view.lastStableOffset(), view.highWatermark(), "last stable offset above high watermark");
    }
}

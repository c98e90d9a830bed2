package io.barnabas.log;

import io.barnabas.log.history.CorruptSnapshotException;
import io.barnabas.log.history.ProducerHistory;
import io.barnabas.log.history.ProducerSnapshotCodec;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableSet;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@code .snapshot} files of one partition: producers as they were before the offset in the name. */
final class ProducerSnapshots {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerSnapshots.class);

    private final Storage storage;
    private volatile Path directory;
    private final NavigableSet<Long> offsets = new ConcurrentSkipListSet<>();

    ProducerSnapshots(Storage storage, Path directory) {
        this.storage = storage;
        this.directory = directory;
    }

    /** A file of that offset is there. */
    void found(long offset) {
        offsets.add(offset);
    }

    void movedTo(Path newDirectory) {
        directory = newDirectory;
    }

    /** Producers as of some offset. */
    record Loaded(long offset, ProducerHistory producers) {}

    /**
     * The newest sound snapshot at or below {@code offset}; files that are not sound are deleted.
     *
     * @return an empty history before {@code fallbackOffset} if there is none
     */
    Loaded loadAtOrBelow(long offset, long fallbackOffset, long nowMs) {
        while (true) {
            Long newest = offsets.floor(offset);
            if (newest == null) {
                return new Loaded(fallbackOffset, new ProducerHistory());
            }
            Path file = SegmentFiles.of(directory, newest, SegmentFiles.SNAPSHOT);
            byte[] bytes = storage.readSmall(file);
            try {
                if (bytes == null) {
                    throw new CorruptSnapshotException("the file is gone");
                }
                return new Loaded(
                        newest,
                        ProducerHistory.fromEntries(ProducerSnapshotCodec.decode(ByteBuffer.wrap(bytes)), nowMs));
            } catch (CorruptSnapshotException corrupt) {
                LOG.atWarn()
                        .addKeyValue("file", file)
                        .addKeyValue("cause", corrupt.getMessage())
                        .log("producer snapshot deleted, an older one is used");
                delete(newest);
            }
        }
    }

    /** Writes a snapshot, durably. */
    void write(long offset, byte[] bytes) {
        storage.replaceSmall(SegmentFiles.of(directory, offset, SegmentFiles.SNAPSHOT), bytes);
        offsets.add(offset);
    }

    void deleteAbove(long offset) {
        for (Long above : List.copyOf(offsets.tailSet(offset, false))) {
            delete(above);
        }
    }

    /** Keeps those that segments begin with, and the newest. */
    void keepOnly(Set<Long> segmentBases) {
        for (Long offset : List.copyOf(offsets)) {
            if (!segmentBases.contains(offset) && !offset.equals(offsets.last())) {
                delete(offset);
            }
        }
    }

    void deleteAll() {
        deleteAbove(-1);
    }

    private void delete(long offset) {
        storage.delete(SegmentFiles.of(directory, offset, SegmentFiles.SNAPSHOT));
        offsets.remove(offset);
    }
}

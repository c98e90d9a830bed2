package io.barnabas.log;

import io.barnabas.log.segment.BatchScanner;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StoredFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process leaves behind in a partition's directory when it dies: files that were to be deleted, a compaction that was
 * not finished, and one that was, but whose result did not yet replace the old segments (LOG-37). Everything here can be
 * interrupted and begun again; what Kafka leaves behind is understood as well.
 */
final class SegmentLeftovers {
    private static final String LOG_SWAP = SegmentFiles.LOG + SegmentFiles.SWAP;

    private final Storage storage;
    private final Path directory;

    private SegmentLeftovers(Storage storage, Path directory) {
        this.storage = storage;
        this.directory = directory;
    }

    static boolean isIndex(String name) {
        return name.endsWith(SegmentFiles.OFFSET_INDEX)
                || name.endsWith(SegmentFiles.TIME_INDEX)
                || name.endsWith(SegmentFiles.TRANSACTION_INDEX);
    }

    static void clear(Storage storage, Path directory) {
        new SegmentLeftovers(storage, directory).clear();
    }

    private void clear() {
        boolean changed = false;
        for (String name : storage.list(directory)) {
            if (name.endsWith(SegmentFiles.DELETED) || name.endsWith(".tmp")) {
                storage.delete(directory.resolve(name));
                changed = true;
            }
        }
        changed |= dropUnfinished();
        changed |= completeSwaps();
        if (changed) {
            storage.syncDirectory(directory);
        }
    }

    /**
     * Deletes what compaction was writing, and with it the swap files of the same segment and of later ones: their renaming
     * had not come to its end. The {@code .cleaned} files say so, and so go last.
     */
    private boolean dropUnfinished() {
        long first = Long.MAX_VALUE;
        for (String name : storage.list(directory)) {
            long offset = SegmentFiles.offsetOf(name);
            if (name.endsWith(SegmentFiles.CLEANED) && offset >= 0) {
                first = Math.min(first, offset);
            }
        }
        if (first == Long.MAX_VALUE) {
            return false;
        }
        for (String name : storage.list(directory)) {
            if (name.endsWith(SegmentFiles.SWAP) && SegmentFiles.offsetOf(name) >= first) {
                storage.delete(directory.resolve(name));
            }
        }
        storage.syncDirectory(directory);
        for (String name : storage.list(directory)) {
            if (name.endsWith(SegmentFiles.CLEANED)) {
                storage.delete(directory.resolve(name));
            }
        }
        return true;
    }

    /** A {@code .log.swap} is complete: it takes the place of the segments that it was made of. */
    private boolean completeSwaps() {
        List<String> swaps = storage.list(directory).stream()
                .filter(name -> name.endsWith(SegmentFiles.SWAP))
                .toList();
        if (swaps.isEmpty()) {
            return false;
        }
        long first = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        for (String name : swaps) {
            long offset = SegmentFiles.offsetOf(name);
            if (offset < 0) {
                storage.delete(directory.resolve(name));
            } else if (name.endsWith(LOG_SWAP)) {
                first = Math.min(first, offset);
                end = Math.max(end, nextOffset(directory.resolve(name), offset));
            }
        }
        for (String name : storage.list(directory)) {
            long offset = SegmentFiles.offsetOf(name);
            boolean replaced = offset >= first && offset < end;
            if (replaced && (isIndex(name) || name.endsWith(SegmentFiles.LOG))) {
                storage.delete(directory.resolve(name));
            }
        }
        storage.syncDirectory(directory);
        // logs first: a plain index beside a .log.swap is taken for one that is replaced
        swaps.stream().filter(name -> name.endsWith(LOG_SWAP)).forEach(this::makePlain);
        storage.syncDirectory(directory);
        swaps.stream().filter(name -> !name.endsWith(LOG_SWAP)).forEach(this::makePlain);
        return true;
    }

    private void makePlain(String swap) {
        if (SegmentFiles.offsetOf(swap) >= 0) {
            String plain = swap.substring(0, swap.length() - SegmentFiles.SWAP.length());
            storage.rename(directory.resolve(swap), directory.resolve(plain));
        }
    }

    /** The last batch of what was compacted stays, even empty, and so tells where it ended. */
    private long nextOffset(Path swap, long base) {
        StoredFile file = storage.file(swap, false);
        long next = base + 1;
        BatchScanner batches = new BatchScanner(file, 0, Math.toIntExact(file.sizeBytes()));
        while (batches.next()) {
            next = batches.lastOffset() + 1;
        }
        file.close();
        return next;
    }
}

package io.barnabas.log;

import io.barnabas.log.segment.BatchScanner;
import io.barnabas.log.segment.SegmentFiles;
import io.barnabas.log.storage.Storage;
import io.barnabas.log.storage.StoredFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What a process leaves behind in a partition's directory when it dies: files that were to be deleted, a compaction that was
 * not finished, and one that was, but whose result did not yet replace the old segments (LOG-37).
 */
final class SegmentLeftovers {
    private SegmentLeftovers() {}

    static boolean isIndex(String name) {
        return name.endsWith(SegmentFiles.OFFSET_INDEX)
                || name.endsWith(SegmentFiles.TIME_INDEX)
                || name.endsWith(SegmentFiles.TRANSACTION_INDEX);
    }

    static void clear(Storage storage, Path directory) {
        List<String> names = storage.list(directory);
        long firstCleaned = Long.MAX_VALUE;
        for (String name : names) {
            if (name.endsWith(SegmentFiles.DELETED) || name.endsWith(".tmp")) {
                storage.delete(directory.resolve(name));
            } else if (name.endsWith(SegmentFiles.CLEANED)) {
                long offset = SegmentFiles.offsetOf(name);
                firstCleaned = offset < 0 ? firstCleaned : Math.min(firstCleaned, offset);
                storage.delete(directory.resolve(name));
            }
        }
        completeSwaps(storage, directory, firstCleaned);
    }

    /** @param firstCleaned swap files from here on belong to a compaction that had not renamed all of its files */
    private static void completeSwaps(Storage storage, Path directory, long firstCleaned) {
        long first = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        for (String name : storage.list(directory)) {
            if (!name.endsWith(SegmentFiles.SWAP)) {
                continue;
            }
            long offset = SegmentFiles.offsetOf(name);
            if (offset < 0 || offset >= firstCleaned) {
                storage.delete(directory.resolve(name));
            } else if (name.endsWith(SegmentFiles.LOG + SegmentFiles.SWAP)) {
                first = Math.min(first, offset);
                end = Math.max(end, nextOffset(storage, directory.resolve(name), offset));
            }
        }
        for (String name : storage.list(directory)) {
            long offset = SegmentFiles.offsetOf(name);
            boolean replaced = offset >= first && offset < end;
            if (replaced && (isIndex(name) || name.endsWith(SegmentFiles.LOG))) {
                storage.delete(directory.resolve(name));
            }
        }
        for (String name : storage.list(directory)) {
            if (name.endsWith(SegmentFiles.SWAP)) {
                String plain = name.substring(0, name.length() - SegmentFiles.SWAP.length());
                storage.rename(directory.resolve(name), directory.resolve(plain));
            }
        }
    }

    private static long nextOffset(Storage storage, Path swap, long base) {
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

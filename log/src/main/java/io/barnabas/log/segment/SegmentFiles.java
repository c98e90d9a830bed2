package io.barnabas.log.segment;

import java.nio.file.Path;
import java.util.Locale;

/** How the files of a partition are named: the base offset in 20 digits, and what they are. */
public final class SegmentFiles {
    public static final String LOG = ".log";
    public static final String OFFSET_INDEX = ".index";
    public static final String TIME_INDEX = ".timeindex";
    public static final String TRANSACTION_INDEX = ".txnindex";
    public static final String SNAPSHOT = ".snapshot";

    /** To be unlinked when nobody reads it any more. */
    public static final String DELETED = ".deleted";

    /** Compaction was writing it. */
    public static final String CLEANED = ".cleaned";

    /** Compaction had written it; it replaces what it covers. */
    public static final String SWAP = ".swap";

    private static final int DIGITS = 20;

    private SegmentFiles() {}

    public static Path of(Path partitionDirectory, long offset, String suffix) {
        return partitionDirectory.resolve(String.format(Locale.ROOT, "%020d", offset) + suffix);
    }

    /** The offset that a file's name begins with; -1 if it begins with none. */
    public static long offsetOf(String fileName) {
        if (fileName.length() <= DIGITS || fileName.charAt(DIGITS) != '.') {
            return -1;
        }
        for (int i = 0; i < DIGITS; i++) {
            if (!Character.isDigit(fileName.charAt(i))) {
                return -1;
            }
        }
        try {
            return Long.parseLong(fileName.substring(0, DIGITS));
        } catch (NumberFormatException beyondLong) {
            return -1;
        }
    }
}

package io.barnabas.tools;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Prints index files. Both hold entries of a fixed size in rising order, offsets relative to the one in the file's name; a
 * file of a running broker can be longer than its entries, the rest is zero.
 *
 * <pre>
 * .index      0 relativeOffset i32 | 4 position i32
 * .timeindex  0 timestamp i64 | 8 relativeOffset i32
 * </pre>
 */
final class IndexDump {
    private static final int OFFSET_ENTRY_BYTES = 8;
    private static final int TIME_ENTRY_BYTES = 12;

    private IndexDump() {}

    /** @return what is wrong with the file, or null */
    static String printOffsets(Path file, DumpLogCommand.Sink sink) throws IOException {
        long base = baseOffset(file);
        long entries = Files.size(file) / OFFSET_ENTRY_BYTES;
        try (DataInputStream in = open(file)) {
            long lastRelative = -1;
            for (long entry = 0; entry < entries; entry++) {
                int relative = in.readInt();
                int position = in.readInt();
                if (relative == 0 && position == 0 && entry > 0) {
                    return null;
                }
                sink.show(
                        "offset: " + (base + relative) + " position: " + position,
                        Map.of("offset", base + relative, "position", position));
                if (relative <= lastRelative || position < 0) {
                    return "entry " + entry + " does not follow the one before";
                }
                lastRelative = relative;
            }
        }
        return Files.size(file) % OFFSET_ENTRY_BYTES == 0 ? null : "the last entry is cut";
    }

    /** @return what is wrong with the file, or null */
    static String printTimes(Path file, DumpLogCommand.Sink sink) throws IOException {
        long base = baseOffset(file);
        long entries = Files.size(file) / TIME_ENTRY_BYTES;
        try (DataInputStream in = open(file)) {
            long lastTimestamp = -1;
            for (long entry = 0; entry < entries; entry++) {
                long timestamp = in.readLong();
                int relative = in.readInt();
                if (timestamp == 0 && relative == 0 && entry > 0) {
                    return null;
                }
                sink.show(
                        "timestamp: " + timestamp + " offset: " + (base + relative),
                        Map.of("timestamp", timestamp, "offset", base + relative));
                if (timestamp < lastTimestamp || relative < 0) {
                    return "entry " + entry + " does not follow the one before";
                }
                lastTimestamp = timestamp;
            }
        }
        return Files.size(file) % TIME_ENTRY_BYTES == 0 ? null : "the last entry is cut";
    }

    /** The offset that files of a segment are named after. */
    static long baseOffset(Path file) {
        String name = file.getFileName().toString();
        try {
            return Long.parseLong(name.substring(0, name.indexOf('.')));
        } catch (NumberFormatException e) {
            throw new ToolFailure(file + " is not named after an offset, as files of a log are", e);
        }
    }

    private static DataInputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        return new DataInputStream(new BufferedInputStream(in, 1 << 16));
    }
}

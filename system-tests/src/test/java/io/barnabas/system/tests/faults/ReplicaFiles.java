package io.barnabas.system.tests.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** Compares the segments of two replicas as one stream of bytes each, however they were cut. */
final class ReplicaFiles {
    static final long EQUAL = -1;

    private ReplicaFiles() {}

    /** Position of the first byte that differs, or {@link #EQUAL}. */
    static long mismatch(Path one, Path other) throws IOException {
        try (InputStream first = log(one);
                InputStream second = log(other)) {
            for (long position = 0; ; position += 1 << 16) {
                byte[] a = first.readNBytes(1 << 16);
                byte[] b = second.readNBytes(1 << 16);
                int at = java.util.Arrays.mismatch(a, b);
                if (at >= 0) {
                    return position + at;
                }
                if (a.length == 0) {
                    return EQUAL;
                }
            }
        }
    }

    static List<Path> segments(Path replica) throws IOException {
        try (Stream<Path> files = Files.list(replica)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
    }

    private static InputStream log(Path replica) throws IOException {
        List<InputStream> streams = new ArrayList<>();
        for (Path segment : segments(replica)) {
            streams.add(Files.newInputStream(segment));
        }
        return new SequenceInputStream(Collections.enumeration(streams));
    }
}

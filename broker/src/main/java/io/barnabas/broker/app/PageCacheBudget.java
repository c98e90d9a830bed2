package io.barnabas.broker.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * How many bytes of logs the machine's page cache is taken to hold: half of the memory that the heap leaves, counting no more
 * than a container may use. What was moved longer ago counts as cold and is read by a reader thread before a loop sends it.
 */
final class PageCacheBudget {
    private static final long LEAST_BYTES = 256L << 20;
    private static final long UNKNOWN_MACHINE_BYTES = 2L << 30;

    private static final Path MACHINE = Path.of("/proc/meminfo");
    private static final Path CONTAINER = Path.of("/sys/fs/cgroup/memory.max");

    private PageCacheBudget() {}

    /** For each of {@code directories} log directories of this machine. */
    static long perDirectory(int directories) {
        long memory = memoryBytes(lines(MACHINE), lines(CONTAINER));
        return Math.max(LEAST_BYTES, (memory - Runtime.getRuntime().maxMemory()) / 2 / directories);
    }

    /** The smaller of what the machine has and what the container may use; files that say nothing count as no limit. */
    static long memoryBytes(List<String> machine, List<String> container) {
        long memory = machine.stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(UNKNOWN_MACHINE_BYTES);
        long limit = container.stream()
                .filter(line -> line.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
        return Math.min(memory, limit);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException notThisKindOfMachine) {
            return List.of();
        }
    }
}

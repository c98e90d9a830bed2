package io.barnabas.system.tests.faults;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Stands between a broker and its disks and clock: {@code src/test/native/fault-shim.c}, compiled on the spot and preloaded. It reads a page of
 * memory that this class writes, so that a fault begins and ends at once. Needs Linux and a C compiler; scenarios are skipped without.
 */
final class DiskShim implements AutoCloseable {
    private static final int PAGE_BYTES = 4096;
    private static final int SLOW_WRITE_MILLIS = 0;
    private static final int FAIL_READS = 4;
    private static final int FAIL_WRITES = 8;
    private static final int CLOCK_SECONDS = 16;
    private static final int PATH = 64;

    private static final Map<Integer, DiskShim> OF_BROKERS = new HashMap<>();
    private static Path library;

    private final MappedByteBuffer page;
    private final int broker;

    private DiskShim(MappedByteBuffer page, int broker) {
        this.page = page;
        this.broker = broker;
    }

    /** Of a broker of the cluster that runs now. */
    static DiskShim of(ClusterNode node) {
        return OF_BROKERS.get(node.id());
    }

    static DiskShim preload(ClusterNode node) throws Exception {
        Path compiled = compiled();
        Files.createDirectories(node.directory());
        Path control = node.directory().resolve("shim.page");
        Files.write(control, new byte[PAGE_BYTES]);
        MappedByteBuffer page;
        try (FileChannel channel = FileChannel.open(control, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            page = channel.map(FileChannel.MapMode.READ_WRITE, 0, PAGE_BYTES);
        }
        page.order(ByteOrder.nativeOrder());
        node.environment("LD_PRELOAD", compiled.toString()).environment("FAULT_SHIM_PAGE", control.toString());
        DiskShim shim = new DiskShim(page, node.id());
        OF_BROKERS.put(node.id(), shim);
        return shim;
    }

    private static synchronized Path compiled() throws Exception {
        if (library == null) {
            Path source = source();
            Path made = Files.createTempDirectory("fault-shim").resolve("fault-shim.so");
            int code;
            try {
                code = new ProcessBuilder(
                                "cc", "-shared", "-fPIC", "-O2", "-o", made.toString(), source.toString(), "-ldl")
                        .inheritIO()
                        .start()
                        .waitFor();
            } catch (IOException none) {
                code = -1;
            }
            assumeTrue(code == 0, "a C compiler and Linux are needed");
            library = made;
        }
        return library;
    }

    private static Path source() {
        Path here = Path.of("src/test/native/fault-shim.c");
        return Files.exists(here) ? here : Path.of("system-tests").resolve(here);
    }

    /** Every write to a file whose path contains {@code part} takes so long. */
    void slowWrites(String part, int millis) {
        path(part);
        page.putInt(SLOW_WRITE_MILLIS, millis);
    }

    /** Reads of files whose path contains {@code part} fail with EIO. */
    void failReads(String part) {
        path(part);
        page.putInt(FAIL_READS, 1);
    }

    /** Writes to files whose path contains {@code part} fail with ENOSPC. */
    void failWrites(String part) {
        path(part);
        page.putInt(FAIL_WRITES, 1);
    }

    /** The wall clock goes wrong by so much; what measures time does not. */
    void shiftClock(long seconds) {
        page.putLong(CLOCK_SECONDS, seconds);
    }

    void heal() {
        page.putInt(SLOW_WRITE_MILLIS, 0);
        page.putInt(FAIL_READS, 0);
        page.putInt(FAIL_WRITES, 0);
        page.putLong(CLOCK_SECONDS, 0);
    }

    private void path(String part) {
        ByteBuffer copy = page.duplicate();
        copy.position(PATH);
        copy.put(part.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
    }

    @Override
    public void close() {
        OF_BROKERS.remove(broker);
    }
}

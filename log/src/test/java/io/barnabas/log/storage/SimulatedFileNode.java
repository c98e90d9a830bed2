package io.barnabas.log.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** The bytes of a file: what the process sees, what is safe, and what was written in between. Guarded by the storage. */
final class SimulatedFileNode {
    private static final int SECTOR_BYTES = 512;

    private byte[] bytes = new byte[0];
    private int size;
    private byte[] durable = new byte[0];

    /** Since the last sync, in order. */
    private final List<Change> pending = new ArrayList<>();

    long lastModifiedMillis;

    /** @param data written at {@code position}; null for a truncation to {@code position} */
    private record Change(int position, byte[] data) {}

    int size() {
        return size;
    }

    int durableSize() {
        return durable.length;
    }

    int read(byte[] into, int offset, int count, long position) {
        int most = (int) Math.min(count, size - position);
        if (most <= 0) {
            return 0;
        }
        System.arraycopy(bytes, (int) position, into, offset, most);
        return most;
    }

    void write(byte[] data, int position) {
        pending.add(new Change(position, data));
        apply(position, data);
    }

    void truncate(int newSize) {
        if (newSize < size) {
            pending.add(new Change(newSize, null));
            Arrays.fill(bytes, newSize, size, (byte) 0);
            size = newSize;
        }
    }

    void sync() {
        durable = Arrays.copyOf(bytes, size);
        pending.clear();
    }

    byte[] content() {
        return Arrays.copyOf(bytes, size);
    }

    void replaceContent(byte[] content) {
        bytes = content.clone();
        size = content.length;
        sync();
    }

    /** Keeps what was synced, and of the rest whatever the disk happened to have written. */
    void losePower(Random random) {
        List<Change> unsynced = new ArrayList<>(pending);
        byte[] seen = content();
        bytes = durable.clone();
        size = durable.length;
        boolean truncated = unsynced.stream().anyMatch(change -> change.data() == null);
        int fate = random.nextInt(truncated ? 3 : 5);
        if (fate == 1) {
            // a prefix of the writes, the last one torn
            int kept = random.nextInt(unsynced.size() + 1);
            for (int i = 0; i < kept; i++) {
                applyChange(unsynced.get(i));
            }
            if (kept < unsynced.size() && unsynced.get(kept).data() != null) {
                byte[] data = unsynced.get(kept).data();
                apply(unsynced.get(kept).position(), Arrays.copyOf(data, random.nextInt(data.length + 1)));
            }
        } else if (fate == 2) {
            unsynced.forEach(this::applyChange);
        } else if (fate >= 3) {
            // sectors in any order; where one is missing, zeros, perhaps up to the size the process saw
            for (int at = durable.length; at < seen.length; at += SECTOR_BYTES) {
                if (random.nextBoolean()) {
                    apply(at, Arrays.copyOfRange(seen, at, Math.min(seen.length, at + SECTOR_BYTES)));
                }
            }
            if (fate == 4) {
                grow(seen.length);
            }
        }
        durable = content();
        pending.clear();
    }

    private void applyChange(Change change) {
        if (change.data() != null) {
            apply(change.position(), change.data());
        } else if (change.position() < size) {
            Arrays.fill(bytes, change.position(), size, (byte) 0);
            size = change.position();
        }
    }

    private void apply(int position, byte[] data) {
        grow(position + data.length);
        System.arraycopy(data, 0, bytes, position, data.length);
    }

    private void grow(int newSize) {
        if (newSize > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(newSize, bytes.length * 2));
        }
        size = Math.max(size, newSize);
    }
}

package io.barnabas.runtime.replicated;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Feeds a machine from its log. A record that cannot be read is passed over: one damaged value must not take all groups along. */
final class LogLoader<R> implements StoredLog.Reader {
    private static final Logger LOG = LoggerFactory.getLogger(LogLoader.class);

    private final ReplicatedMachine<R> machine;
    private final RecordCodec<R> codec;
    private final String name;
    private final BooleanSupplier cancelled;
    private long records;
    private long unreadable;

    LogLoader(ReplicatedMachine<R> machine, RecordCodec<R> codec, String name, BooleanSupplier cancelled) {
        this.machine = machine;
        this.codec = codec;
        this.name = name;
        this.cancelled = cancelled;
    }

    @Override
    public void onRecord(
            long offset, long timestampMillis, long producerId, short producerEpoch, ByteBuffer key, ByteBuffer value) {
        R record;
        try {
            record = codec.decode(key, value);
        } catch (RuntimeException damaged) {
            if (unreadable++ == 0) {
                LOG.atError()
                        .addKeyValue("partition", name)
                        .addKeyValue("offset", offset)
                        .addKeyValue("reason", damaged.toString())
                        .log("passed over a record that cannot be read; there may be more");
            }
            return;
        }
        if (record != null) {
            machine.replay(new StoredRecord<>(offset, timestampMillis, producerId, producerEpoch, record));
            records++;
        }
    }

    @Override
    public void onMarker(long offset, long producerId, short producerEpoch, boolean commit) {
        machine.replayMarker(offset, producerId, producerEpoch, commit);
    }

    @Override
    public boolean isCancelled() {
        return cancelled.getAsBoolean();
    }

    /** Those that the machine was given. */
    long records() {
        return records;
    }

    long unreadable() {
        return unreadable;
    }
}

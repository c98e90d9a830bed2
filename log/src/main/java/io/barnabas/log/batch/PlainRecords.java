package io.barnabas.log.batch;

import java.nio.ByteBuffer;

/** Records that are not compressed, read where they lie. */
final class PlainRecords extends RecordSource {
    private final ByteBuffer bytes;
    private final int start;
    private final int end;
    private int at;

    /** @param end absolute, exclusive */
    PlainRecords(ByteBuffer bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
        this.at = start;
    }

    @Override
    long consumed() {
        return at - start;
    }

    @Override
    byte next() {
        if (at >= end) {
            throw cut();
        }
        return bytes.get(at++);
    }

    @Override
    void skip(int count) {
        if (count > end - at) {
            throw cut();
        }
        at += count;
    }

    @Override
    ByteBuffer take(int count) {
        int from = at;
        skip(count);
        return bytes.slice(from, count);
    }

    @Override
    boolean isExhausted() {
        return at == end;
    }
}

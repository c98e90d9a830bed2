package io.barnabas.broker.server;

import io.barnabas.broker.api.SliceRecords;
import io.barnabas.log.LogSlice;
import io.barnabas.protocol.EncodedResponse;
import io.barnabas.protocol.ResponseCodec;
import io.barnabas.protocol.message.Insert;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.FileRegion;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns an answer into what the channel sends. Large records go from the log's file to the socket by the kernel; small ones
 * (the tail of the log, many partitions) are read into one buffer with the bytes around them, which costs less than a
 * system call for each.
 */
final class ResponseWriter {
    private final int regionBytes;
    private final int maxGatheredBytes;

    /**
     * @param regionBytes      records of at least this many bytes are sent from the file
     * @param maxGatheredBytes so much of one response is read into memory; the rest is sent from files whatever its size
     */
    ResponseWriter(int regionBytes, int maxGatheredBytes) {
        this.regionBytes = regionBytes;
        this.maxGatheredBytes = maxGatheredBytes;
    }

    /**
     * Writes, without flushing, the answer of an exchange. Its slices are released when sent or when that fails.
     *
     * @throws RuntimeException if it cannot be made; then nothing was written
     */
    void write(ChannelHandlerContext channel, Exchange exchange) {
        EncodedResponse encoded;
        try {
            encoded = ResponseCodec.write(
                    channel.alloc(),
                    exchange.apiKey(),
                    exchange.apiVersion(),
                    exchange.correlationId(),
                    exchange.response());
        } catch (RuntimeException | Error unwritable) {
            SliceRecords.release(exchange.response());
            throw unwritable;
        }
        if (encoded.inserts().isEmpty()) {
            channel.write(encoded.bytes(), channel.voidPromise());
            return;
        }
        for (Object part : new Parts(channel, encoded).all()) {
            channel.write(part, channel.voidPromise());
        }
    }

    /** One response with records, cut up. Owns bytes and slices until they are parts. */
    private final class Parts {
        private final ChannelHandlerContext channel;
        private final ByteBuf bytes;
        private final List<Insert> inserts;
        private final List<Object> parts = new ArrayList<>();
        private int position;
        private int next;
        private int gatheredBytes;

        Parts(ChannelHandlerContext channel, EncodedResponse encoded) {
            this.channel = channel;
            this.bytes = encoded.bytes();
            this.inserts = encoded.inserts();
        }

        List<Object> all() {
            try {
                while (next < inserts.size()) {
                    gatherSmallOnes();
                    if (next < inserts.size()) {
                        addRegion();
                    }
                }
                addBytes(bytes.writerIndex());
                return parts;
            } catch (RuntimeException | Error failed) {
                giveUp();
                throw failed;
            } finally {
                bytes.release();
            }
        }

        /** Reads a run of small records and the bytes up to and between them into one buffer. */
        private void gatherSmallOnes() {
            int end = next;
            int runBytes = 0;
            while (end < inserts.size() && isSmall(slice(end), gatheredBytes + runBytes)) {
                runBytes += slice(end).sizeInBytes();
                end++;
            }
            if (end == next) {
                return;
            }
            gatheredBytes += runBytes;
            int upTo = end < inserts.size() ? inserts.get(end).position() : bytes.writerIndex();
            ByteBuf run = channel.alloc().directBuffer(upTo - position + runBytes);
            parts.add(run);
            while (next < end) {
                Insert insert = inserts.get(next);
                run.writeBytes(bytes, position, insert.position() - position);
                position = insert.position();
                read(slice(next), run);
                slice(next).release();
                next++;
            }
            run.writeBytes(bytes, position, upTo - position);
            position = upTo;
        }

        private void read(LogSlice slice, ByteBuf into) {
            int size = slice.sizeInBytes();
            int read = size == 0 ? 0 : slice.readInto(into.nioBuffer(into.writerIndex(), size), 0);
            if (read != size) {
                throw new ShortSliceException(slice, read);
            }
            into.writerIndex(into.writerIndex() + size);
        }

        private void addRegion() {
            addBytes(inserts.get(next).position());
            parts.add(SliceRegion.of(slice(next)));
            next++;
        }

        private void addBytes(int upTo) {
            if (upTo > position) {
                parts.add(bytes.retainedSlice(position, upTo - position));
                position = upTo;
            }
        }

        private boolean isSmall(LogSlice slice, int alreadyGathered) {
            return slice.sizeInBytes() == 0
                    || !SliceRegion.canSend(slice)
                    || (slice.sizeInBytes() < regionBytes && alreadyGathered + slice.sizeInBytes() <= maxGatheredBytes);
        }

        private LogSlice slice(int index) {
            return ((SliceRecords) inserts.get(index).records()).slice();
        }

        private void giveUp() {
            for (Object part : parts) {
                if (part instanceof ByteBuf buffer) {
                    buffer.release();
                } else {
                    ((FileRegion) part).release();
                }
            }
            for (; next < inserts.size(); next++) {
                slice(next).release();
            }
        }
    }
}

package io.barnabas.broker.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Cuts the bytes of one connection into frames: a size of four bytes, then so many bytes. A frame that lies wholly in the
 * bytes received is handed out as a slice of them. Any other gets a buffer of its own, which is one piece of direct memory
 * when it is complete, and into which the rest is read straight from the socket.
 * <p>No size is believed: the buffer of a frame never has more than {@value #TRUST} times the bytes that have come (and
 * {@value #LEAST_BYTES} for a start), so it costs a sender real bytes to make us take memory. An honest frame has its whole
 * buffer after the first sixteenth, which is then all that is ever copied to a larger one.
 * <p>Used by the connection's loop only.
 */
final class FrameDecoder {
    private static final int SIZE_FIELD_BYTES = 4;
    private static final int TRUST = 16;
    private static final int LEAST_BYTES = 4096;

    /** With less than this to come, the rest and what follows it had better come in one read. */
    private static final int WORTH_LENDING_BYTES = 16_384;

    private final ByteBufAllocator allocator;
    private final int maxFrameBytes;

    private int sizeFieldBytes;
    private int size;

    /** The frame that is being received into a buffer of its own; null if there is none. */
    private ByteBuf frame;

    private ByteBuf lent;

    FrameDecoder(ByteBufAllocator allocator, int maxFrameBytes) {
        this.allocator = allocator;
        this.maxFrameBytes = maxFrameBytes;
    }

    /**
     * Takes bytes from {@code in} until a frame is complete or they are used up.
     *
     * @return a frame without its size field, to be released by the caller; null if it needs more bytes
     * @throws BadFrameException if the size is not one that a frame may have
     */
    ByteBuf next(ByteBuf in) {
        if (frame == null) {
            if (!readSize(in) || !in.isReadable()) {
                return null;
            }
            if (in.readableBytes() >= size) {
                sizeFieldBytes = 0;
                return in.readRetainedSlice(size);
            }
            frame = allocator.directBuffer(trusted(in.readableBytes()), size);
        }
        int count = Math.min(in.readableBytes(), size - frame.writerIndex());
        if (frame.writableBytes() < count) {
            enlarge(frame.writerIndex() + count);
        }
        frame.writeBytes(in, count);
        return completed();
    }

    /** The frame under way, if all of it has come; to be released by the caller. */
    ByteBuf completed() {
        if (frame == null || frame.writerIndex() < size) {
            return null;
        }
        ByteBuf complete = frame;
        frame = null;
        lent = null;
        sizeFieldBytes = 0;
        return complete;
    }

    /** The free part of the frame under way, for the socket to write into; null if an ordinary buffer serves better. */
    ByteBuf lend() {
        lent = null;
        if (frame == null || size - frame.writerIndex() < WORTH_LENDING_BYTES) {
            return null;
        }
        if (frame.writableBytes() == 0) {
            enlarge(frame.writerIndex());
        }
        int free = Math.min(frame.capacity(), size) - frame.writerIndex();
        if (free < WORTH_LENDING_BYTES && frame.capacity() < size) {
            return null;
        }
        lent = frame.retainedSlice(frame.writerIndex(), free).writerIndex(0);
        return lent;
    }

    /**
     * Whether {@code received} is the buffer that was lent. Then its bytes are in the frame, it has been released, and
     * {@link #completed()} may have something.
     */
    boolean isLent(ByteBuf received) {
        if (received != lent) {
            return false;
        }
        frame.writerIndex(frame.writerIndex() + received.readableBytes());
        lent = null;
        received.release();
        return true;
    }

    /** Lets go of a frame that will never be complete. */
    void release() {
        lent = null;
        if (frame != null) {
            frame.release();
            frame = null;
        }
    }

    private boolean readSize(ByteBuf in) {
        if (sizeFieldBytes == SIZE_FIELD_BYTES) {
            return true;
        }
        if (sizeFieldBytes == 0 && in.readableBytes() >= SIZE_FIELD_BYTES) {
            size = in.readInt();
            sizeFieldBytes = SIZE_FIELD_BYTES;
        } else {
            while (sizeFieldBytes < SIZE_FIELD_BYTES && in.isReadable()) {
                size = size << Byte.SIZE | in.readUnsignedByte();
                sizeFieldBytes++;
            }
        }
        if (sizeFieldBytes < SIZE_FIELD_BYTES) {
            return false;
        }
        if (size <= 0 || size > maxFrameBytes) {
            throw new BadFrameException("frame of " + size + " bytes");
        }
        return true;
    }

    private int trusted(int receivedBytes) {
        return (int) Math.min(size, Math.max(LEAST_BYTES, (long) TRUST * receivedBytes));
    }

    private void enlarge(int receivedBytes) {
        ByteBuf larger = allocator.directBuffer(trusted(receivedBytes), size);
        larger.writeBytes(frame);
        frame.release();
        frame = larger;
    }
}

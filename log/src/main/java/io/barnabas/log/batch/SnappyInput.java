package io.barnabas.log.batch;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.xerial.snappy.Snappy;

/**
 * Inflates snappy, block by block.
 *
 * <pre>
 * framed: 82 'SNAPPY' 00 | version i32 | compatible i32 | (length i32 | block)*    the header may come again between blocks
 * raw:    one block to the end
 * </pre>
 *
 * <p>A block says itself how long it will be, so that length is believed only as far as the format can reach (a copy of 64
 * bytes takes 3): memory stays in proportion to what was sent.
 */
final class SnappyInput extends InputStream {
    private static final long MAGIC = 0x82534E4150505900L;
    private static final int MAGIC_HEAD = (int) (MAGIC >>> 32);
    private static final int HEADER_BYTES = 16;
    private static final int MAX_INFLATION = 22;
    private static final int INFLATION_SLACK = 64;

    private final ByteBuffer source;
    private final boolean framed;
    private byte[] block = new byte[0];
    private byte[] inflated = new byte[0];
    private int position;
    private int limit;

    SnappyInput(ByteBuffer compressed) throws IOException {
        this.source = compressed.duplicate();
        this.framed = source.remaining() >= HEADER_BYTES && source.getLong(source.position()) == MAGIC;
        if (!framed && !source.hasRemaining()) {
            throw new EOFException("no snappy block");
        }
    }

    @Override
    public int read() throws IOException {
        return position < limit || nextBlock() ? inflated[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (position == limit && !nextBlock()) {
            return -1;
        }
        int given = Math.min(length, limit - position);
        System.arraycopy(inflated, position, target, offset, given);
        position += given;
        return given;
    }

    /** Inflates the next block that has bytes; false at the end. */
    private boolean nextBlock() throws IOException {
        while (source.hasRemaining()) {
            int length = framed ? nextFrameLength() : source.remaining();
            if (length < 0) {
                return false;
            }
            inflateBlock(length);
            if (limit > 0) {
                return true;
            }
        }
        return false;
    }

    private int nextFrameLength() throws IOException {
        while (source.remaining() >= HEADER_BYTES && source.getInt(source.position()) == MAGIC_HEAD) {
            if (source.getLong(source.position()) != MAGIC) {
                throw new IOException("not a snappy frame header");
            }
            source.position(source.position() + HEADER_BYTES);
        }
        if (!source.hasRemaining()) {
            return -1;
        }
        if (source.remaining() < Integer.BYTES) {
            throw new EOFException("cut snappy frame");
        }
        int length = source.getInt();
        if (length < 0 || length > source.remaining()) {
            throw new IOException("snappy frame of " + length + " bytes, " + source.remaining() + " are left");
        }
        return length;
    }

    private void inflateBlock(int length) throws IOException {
        if (block.length < length) {
            block = new byte[length];
        }
        source.get(block, 0, length);
        int promised = Snappy.uncompressedLength(block, 0, length);
        if (promised < 0 || promised > (long) length * MAX_INFLATION + INFLATION_SLACK) {
            throw new IOException("snappy block of " + length + " bytes promises " + promised);
        }
        if (inflated.length < promised) {
            inflated = new byte[promised];
        }
        position = 0;
        limit = 0;
        limit = Snappy.uncompress(block, 0, length, inflated, 0);
    }
}

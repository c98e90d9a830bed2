package io.barnabas.tools;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Cuts a stream of bytes at each line feed. Nothing is decoded and nothing else removed, so what is written back with line
 * feeds between is what was read. A last line without line feed counts, an empty one after the last line feed does not.
 */
final class Lines {
    private final InputStream in;
    private byte[] buffer;
    private int start;
    private int end;

    Lines(InputStream in) {
        this(in, 1 << 17);
    }

    /** @param bufferBytes grows for longer lines */
    Lines(InputStream in, int bufferBytes) {
        this.in = in;
        this.buffer = new byte[bufferBytes];
    }

    /** @return the next line without its line feed; null at the end */
    byte[] next() throws IOException {
        int scanned = start;
        while (true) {
            for (int at = scanned; at < end; at++) {
                if (buffer[at] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, start, at);
                    start = at + 1;
                    return line;
                }
            }
            scanned = end - start;
            makeRoom();
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                byte[] last = end == start ? null : Arrays.copyOfRange(buffer, start, end);
                start = end;
                return last;
            }
            end += read;
        }
    }

    /** Moves what is left to the front; {@link #start} is 0 afterwards and there is room for one byte at least. */
    private void makeRoom() {
        int left = end - start;
        byte[] target = left == buffer.length ? new byte[Math.multiplyExact(buffer.length, 2)] : buffer;
        System.arraycopy(buffer, start, target, 0, left);
        buffer = target;
        start = 0;
        end = left;
    }
}

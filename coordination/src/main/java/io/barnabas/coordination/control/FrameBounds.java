package io.barnabas.coordination.control;

/**
 * What a length that was read may be at most: the length of the whole message, since nothing that is counted takes less than a byte.
 * Kryo's own readers believe any length; six bytes that promise an array of half a billion numbers are answered with its allocation.
 */
final class FrameBounds {
    private int frameBytes;

    void beginFrame(int bytes) {
        this.frameBytes = bytes;
    }

    int checked(int length) {
        if (length < 0 || length > frameBytes) {
            throw new MalformedControlMessageException(
                    "a length of " + length + " in a message of " + frameBytes + " bytes");
        }
        return length;
    }
}

package io.barnabas.protocol.message;

/**
 * A request, a response or a header: public fields with the schema's defaults, lists as plain lists in the order of the
 * wire, duplicates included. Instances belong to one thread at a time.
 */
public interface ApiMessage {
    /** The number of the API, -1 for headers. */
    short apiKey();

    /** The lowest version that can be read and written. */
    short lowestVersion();

    /** The highest version that can be read and written. */
    short highestVersion();

    /**
     * Sets every field, those that the version lacks to their defaults. Stops behind the last field it knows; bytes
     * after it stay unread.
     *
     * @throws MalformedMessageException if the bytes are not such a message; the fields are then in no particular state
     */
    void read(MessageReader in, short version);

    /**
     * Writes every field that the version has.
     *
     * @throws UnwritableMessageException if a field holds what this version has no place for, unless the schema allows
     *     to drop it
     */
    void write(MessageWriter out, short version);

    /**
     * Lets versions from the lowest to the highest pass.
     *
     * @throws IllegalArgumentException for any other
     */
    default void requireVersion(short version) {
        if (version < lowestVersion() || version > highestVersion()) {
            throw new IllegalArgumentException(getClass().getSimpleName() + " has no version " + version);
        }
    }
}

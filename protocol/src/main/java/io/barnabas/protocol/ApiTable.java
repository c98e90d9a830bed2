package io.barnabas.protocol;

import java.util.ArrayList;
import java.util.List;

/**
 * Which APIs are served, in which versions, and by whom. What is not in the table is neither served nor advertised.
 * Filled at start, then only read.
 *
 * @param <H> what serves one API
 */
public final class ApiTable<H> {
    private final List<Served<H>> served = new ArrayList<>();
    private final List<Advertised> advertised = new ArrayList<>();

    /** Serves versions {@code min} to {@code max}, both inclusive, and advertises just these. */
    public ApiTable<H> serve(ApiKey key, int min, int max, H handler) {
        if (min > max || !key.hasVersion((short) min) || !key.hasVersion((short) max)) {
            throw new IllegalArgumentException(key + " exists in versions " + key.lowestVersion() + " to "
                    + key.highestVersion() + ", not " + min + " to " + max);
        }
        while (served.size() <= key.id()) {
            served.add(null);
            advertised.add(null);
        }
        if (served.get(key.id()) != null) {
            throw new IllegalArgumentException(key + " is served already");
        }
        served.set(key.id(), new Served<>(key, (short) min, (short) max, handler));
        advertised.set(key.id(), new Advertised(key, (short) min, (short) max));
        return this;
    }

    /**
     * Says something else to clients than what is served. There is one honest use: Produce from version 0 on, without
     * which librdkafka silently stops compressing (KAFKA-18659); requests of these versions are refused all the same.
     */
    public ApiTable<H> advertise(ApiKey key, int min, int max) {
        if (key.id() >= served.size() || served.get(key.id()) == null) {
            throw new IllegalArgumentException(key + " is not served and cannot be advertised");
        }
        if (min < 0 || min > max) {
            throw new IllegalArgumentException("versions " + min + " to " + max);
        }
        advertised.set(key.id(), new Advertised(key, (short) min, (short) max));
        return this;
    }

    /** Who serves this version of this API, or null if nobody does. */
    public Served<H> find(short key, short version) {
        if (key < 0 || key >= served.size()) {
            return null;
        }
        Served<H> found = served.get(key);
        return found != null && found.minVersion() <= version && version <= found.maxVersion() ? found : null;
    }

    /** What ApiVersions tells, in order of API number. */
    public List<Advertised> advertised() {
        return present(advertised);
    }

    /** Everything that is served, in order of API number. */
    public List<Served<H>> served() {
        return present(served);
    }

    private static <T> List<T> present(List<T> table) {
        return table.stream().filter(entry -> entry != null).toList();
    }

    /** One API with the versions that are served, both inclusive. */
    public record Served<H>(ApiKey key, short minVersion, short maxVersion, H handler) {}

    /** One API with the versions that clients are told, both inclusive. */
    public record Advertised(ApiKey key, short minVersion, short maxVersion) {}
}

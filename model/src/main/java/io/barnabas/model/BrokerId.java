package io.barnabas.model;

/**
 * Number of a broker in its cluster.
 *
 * @param value from 0; -1 only in {@link #NONE}
 */
public record BrokerId(int value) implements Comparable<BrokerId> {
    /** No broker: the leader of an offline partition, the controller of a cluster that has none. */
    public static final BrokerId NONE = new BrokerId(-1);

    public BrokerId {
        if (value < -1) {
            throw new IllegalArgumentException("broker id " + value);
        }
    }

    public boolean isNone() {
        return value < 0;
    }

    @Override
    public int compareTo(BrokerId other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}

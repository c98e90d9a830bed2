package io.barnabas.consumer.coordinator.lag;

import java.util.Comparator;
import java.util.List;

/**
 * How a group stands.
 *
 * @param verdict    NOTFOUND, OK, WARN or ERR
 * @param partitions those with a committed offset, by topic and number
 */
public record GroupHealth(Verdict verdict, List<PartitionLag> partitions) {
    /** Of a group that has committed nothing that is known here. */
    public static final GroupHealth NOTHING_COMMITTED = new GroupHealth(Verdict.NOTFOUND, List.of());

    private static final Comparator<PartitionLag> BADNESS =
            Comparator.comparing(PartitionLag::verdict).thenComparingLong(PartitionLag::lag);

    public GroupHealth {
        partitions = List.copyOf(partitions);
    }

    static GroupHealth of(List<PartitionLag> partitions) {
        Verdict worst = partitions.stream()
                .map(partition -> partition.verdict().ofGroup())
                .max(Comparator.naturalOrder())
                .orElse(Verdict.NOTFOUND);
        return new GroupHealth(worst, partitions);
    }

    /** Records to be read, as far as known. */
    public long totalLag() {
        return partitions.stream()
                .mapToLong(partition -> Math.max(0, partition.lag()))
                .sum();
    }

    /** The share of the partitions whose windows are full; 1 for none at all. */
    public double complete() {
        long full = partitions.stream()
                .filter(partition -> partition.complete() >= 1)
                .count();
        return partitions.isEmpty() ? 1 : (double) full / partitions.size();
    }

    /** The one with the worst verdict, among those the one that lags most; null if there is none. */
    public PartitionLag worst() {
        return partitions.stream().max(BADNESS).orElse(null);
    }

    /** The one that lags most, whatever its verdict; null if there is none. */
    public PartitionLag mostBehind() {
        return partitions.stream()
                .max(Comparator.comparingLong(PartitionLag::lag))
                .orElse(null);
    }
}

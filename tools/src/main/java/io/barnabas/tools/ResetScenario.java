package io.barnabas.tools;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.TemporalAccessor;
import org.apache.kafka.common.TopicPartition;

/**
 * How the new committed offset of a partition is found.
 *
 * @param number the offset, the shift, or the time in milliseconds; without meaning for the other kinds
 */
record ResetScenario(Kind kind, long number) {
    static final ResetScenario EARLIEST = new ResetScenario(Kind.EARLIEST, 0);
    static final ResetScenario LATEST = new ResetScenario(Kind.LATEST, 0);
    static final ResetScenario CURRENT = new ResetScenario(Kind.CURRENT, 0);

    private static final DateTimeFormatter DATE_TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
            .optionalStart()
            .appendOffset("+HH:MM", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HHMM", "Z")
            .optionalEnd()
            .optionalStart()
            .appendOffset("+HH", "Z")
            .optionalEnd()
            .toFormatter();

    enum Kind {
        EARLIEST,
        LATEST,
        CURRENT,
        OFFSET,
        SHIFT,
        TIME
    }

    /**
     * What is known of a partition.
     *
     * @param committed the group's offset, or null if it has none
     * @param earliest  the log start offset
     * @param latest    the end of the log, exclusive
     * @param atTime    the first offset whose record is as new as asked for, or null if there is none
     */
    record Facts(Long committed, long earliest, long latest, Long atTime) {}

    /** @param warning what has to be told, or null */
    record Target(long offset, String warning) {}

    static ResetScenario toOffset(long offset) {
        return new ResetScenario(Kind.OFFSET, offset);
    }

    static ResetScenario shiftBy(long records) {
        return new ResetScenario(Kind.SHIFT, records);
    }

    /**
     * @param duration of the form PnDTnHnMnS
     * @throws ToolFailure if it is not
     */
    static ResetScenario byDuration(String duration, long nowMillis) {
        try {
            return new ResetScenario(
                    Kind.TIME,
                    Math.subtractExact(nowMillis, Duration.parse(duration).toMillis()));
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new ToolFailure("--by-duration: '" + duration + "' is not of the form PnDTnHnMnS, as PT1H30M", e);
        }
    }

    /**
     * @param dateTime of the form 2026-01-31T23:59:59.999, with an offset like +01:00 or Z behind it; without one it is UTC
     * @throws ToolFailure if it is not
     */
    static ResetScenario toDateTime(String dateTime) {
        try {
            TemporalAccessor parsed = DATE_TIME.parseBest(dateTime.strip(), OffsetDateTime::from, LocalDateTime::from);
            OffsetDateTime moment = parsed instanceof OffsetDateTime withOffset
                    ? withOffset
                    : LocalDateTime.from(parsed).atOffset(ZoneOffset.UTC);
            return new ResetScenario(Kind.TIME, moment.toInstant().toEpochMilli());
        } catch (DateTimeException | ArithmeticException e) {
            throw new ToolFailure(
                    "--to-datetime: '" + dateTime + "' is not of the form YYYY-MM-DDThh:mm:ss.sss, in UTC if no"
                            + " offset like +01:00 follows",
                    e);
        }
    }

    /** @throws ToolFailure if a shift has nothing to start from */
    Target target(TopicPartition partition, Facts facts) {
        return switch (kind) {
            case EARLIEST -> new Target(facts.earliest(), null);
            case LATEST -> new Target(facts.latest(), null);
            case CURRENT ->
                facts.committed() != null ? new Target(facts.committed(), null) : new Target(facts.latest(), null);
            case OFFSET -> within(partition, facts, number);
            case SHIFT -> {
                if (facts.committed() == null) {
                    throw new ToolFailure("--shift-by: the group has committed no offset of " + partition);
                }
                yield within(partition, facts, saturatedSum(facts.committed(), number));
            }
            case TIME ->
                facts.atTime() != null
                        ? new Target(facts.atTime(), null)
                        : new Target(
                                facts.latest(),
                                partition + " has no record from then on; its end " + facts.latest() + " is taken");
        };
    }

    private static Target within(TopicPartition partition, Facts facts, long wanted) {
        if (wanted < facts.earliest()) {
            return new Target(
                    facts.earliest(),
                    partition + ": " + wanted + " is below the first offset, " + facts.earliest() + " is taken");
        }
        if (wanted > facts.latest()) {
            return new Target(
                    facts.latest(), partition + ": " + wanted + " is above the end, " + facts.latest() + " is taken");
        }
        return new Target(wanted, null);
    }

    private static long saturatedSum(long offset, long shift) {
        long sum = offset + shift;
        boolean overflown = shift > 0 && sum < offset;
        return overflown ? Long.MAX_VALUE : sum;
    }
}

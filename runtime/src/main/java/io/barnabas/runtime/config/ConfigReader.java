package io.barnabas.runtime.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Reads typed values out of properties, with Kafka's rules: values are trimmed, lists are separated by commas, booleans are
 * {@code true} or {@code false} in any case. A wrong value is noted and the default returned, so that one pass finds every
 * mistake; {@link #orThrow()} reports them together. Not thread-safe.
 */
public final class ConfigReader {
    private final Map<String, String> values;
    private final Set<String> read = new HashSet<>();
    private final List<String> mistakes = new ArrayList<>();

    public ConfigReader(Map<String, String> values) {
        this.values = new TreeMap<>(values);
    }

    /** A rule that a value has to meet. */
    public interface Check<T> {
        /** @return what is wrong, as in "must be at least 14"; null if nothing is */
        String complaint(T value);

        /** Both rules. */
        default Check<T> and(Check<T> other) {
            return value -> {
                String complaint = complaint(value);
                return complaint != null ? complaint : other.complaint(value);
            };
        }
    }

    public static <T> Check<T> anything() {
        return value -> null;
    }

    public static <N extends Number> Check<N> atLeast(long least) {
        return value -> value.doubleValue() < least ? "must be at least " + least : null;
    }

    public static <N extends Number> Check<N> between(long least, long most) {
        return value -> value.doubleValue() < least || value.doubleValue() > most
                ? "must be between " + least + " and " + most
                : null;
    }

    public static Check<String> oneOf(String... choices) {
        return value -> Arrays.asList(choices).contains(value) ? null : "must be one of " + String.join(", ", choices);
    }

    /** Whether the key was given, be it empty. */
    public boolean has(String key) {
        return values.containsKey(key);
    }

    public String string(String key, String fallback) {
        return string(key, fallback, anything());
    }

    public String string(String key, String fallback, Check<String> check) {
        return parsed(key, fallback, Function.identity(), "", check);
    }

    public int integer(String key, int fallback, Check<Integer> check) {
        return parsed(key, fallback, Integer::parseInt, "must be a whole number of 32 bits", check);
    }

    public int integer(String key, int fallback) {
        return integer(key, fallback, anything());
    }

    public long longValue(String key, long fallback, Check<Long> check) {
        return parsed(key, fallback, Long::parseLong, "must be a whole number of 64 bits", check);
    }

    public long longValue(String key, long fallback) {
        return longValue(key, fallback, anything());
    }

    public double decimal(String key, double fallback, Check<Double> check) {
        return parsed(key, fallback, Double::parseDouble, "must be a number", check);
    }

    public boolean bool(String key, boolean fallback) {
        return parsed(key, fallback, ConfigReader::parseBoolean, "must be true or false", anything());
    }

    /** A size of at most 2 GiB, in bytes. */
    public int bytes(String key, int fallback, Check<Integer> check) {
        return integer(key, fallback, check);
    }

    /** A time in milliseconds. */
    public long millis(String key, long fallback, Check<Long> check) {
        return longValue(key, fallback, check);
    }

    /** Elements between commas, trimmed, empty ones left out. */
    public List<String> list(String key, List<String> fallback) {
        return list(key, fallback, anything());
    }

    /** As {@link #list(String, List)}; the rule is asked for each element. */
    public List<String> list(String key, List<String> fallback, Check<String> each) {
        return parsed(key, fallback, ConfigReader::parseList, "", elements -> {
            for (String element : elements) {
                String complaint = each.complaint(element);
                if (complaint != null) {
                    return complaint;
                }
            }
            return null;
        });
    }

    /** Notes a mistake that only shows between several keys. */
    public void mistake(String sentence) {
        mistakes.add(sentence);
    }

    /** What was wrong so far. */
    public List<String> mistakes() {
        return List.copyOf(mistakes);
    }

    /** @throws ConfigException with all mistakes, if there are any */
    public void orThrow() {
        if (!mistakes.isEmpty()) {
            throw new ConfigException(mistakes);
        }
    }

    /** Keys that were given but that nobody has asked for. */
    public Set<String> unread() {
        Set<String> keys = new TreeSet<>(values.keySet());
        keys.removeAll(read);
        return keys;
    }

    /** All that was given. */
    public Map<String, String> values() {
        return Map.copyOf(values);
    }

    private <T> T parsed(String key, T fallback, Function<String, T> parser, String shape, Check<? super T> check) {
        read.add(key);
        String text = values.get(key);
        if (text == null) {
            return fallback;
        }
        T value;
        try {
            value = parser.apply(text.trim());
        } catch (IllegalArgumentException wrong) {
            mistakes.add(key + "=" + text + ": " + shape);
            return fallback;
        }
        String complaint = check.complaint(value);
        if (complaint != null) {
            mistakes.add(key + "=" + text + ": " + complaint);
            return fallback;
        }
        return value;
    }

    private static boolean parseBoolean(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static List<String> parseList(String text) {
        return Arrays.stream(text.split(",", -1))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList();
    }
}

package io.barnabas.protocol.generator;

/**
 * A run of versions as the schemas write it: {@code none}, {@code 3}, {@code 3+} or {@code 3-7}; both ends inclusive.
 */
record VersionRange(int lowest, int highest) {
    static final VersionRange NONE = new VersionRange(0, -1);
    static final int OPEN = Short.MAX_VALUE;

    VersionRange {
        if (lowest < 0 || highest > OPEN) {
            throw new IllegalArgumentException("versions " + lowest + " to " + highest + " are out of range");
        }
    }

    static VersionRange parse(String text) {
        String trimmed = text.trim();
        if (trimmed.equals("none") || trimmed.isEmpty()) {
            return NONE;
        }
        try {
            if (trimmed.endsWith("+")) {
                return new VersionRange(Integer.parseInt(trimmed.substring(0, trimmed.length() - 1)), OPEN);
            }
            int dash = trimmed.indexOf('-');
            if (dash < 0) {
                int only = Integer.parseInt(trimmed);
                return new VersionRange(only, only);
            }
            var range = new VersionRange(
                    Integer.parseInt(trimmed.substring(0, dash)), Integer.parseInt(trimmed.substring(dash + 1)));
            if (range.isEmpty()) {
                throw new SchemaException("versions \"" + text + "\" end before they begin");
            }
            return range;
        } catch (NumberFormatException e) {
            throw new SchemaException("not a range of versions: \"" + text + "\"", e);
        }
    }

    boolean isEmpty() {
        return lowest > highest;
    }

    boolean contains(int version) {
        return lowest <= version && version <= highest;
    }

    boolean covers(VersionRange other) {
        return other.isEmpty() || (lowest <= other.lowest && other.highest <= highest);
    }

    VersionRange and(VersionRange other) {
        int from = Math.max(lowest, other.lowest);
        int to = Math.min(highest, other.highest);
        return from > to ? NONE : new VersionRange(from, to);
    }

    /** The versions of this range below the first one of {@code other}; all of them if {@code other} is empty. */
    VersionRange before(VersionRange other) {
        if (other.isEmpty() || isEmpty()) {
            return this;
        }
        return other.lowest == 0 ? NONE : and(new VersionRange(0, other.lowest - 1));
    }

    /** This range without {@code other}; all of it where a hole in the middle would be left. */
    VersionRange minus(VersionRange other) {
        VersionRange cut = and(other);
        if (cut.isEmpty()) {
            return this;
        }
        if (cut.lowest <= lowest) {
            return cut.highest >= highest ? NONE : new VersionRange(cut.highest + 1, highest);
        }
        return cut.highest >= highest ? new VersionRange(lowest, cut.lowest - 1) : this;
    }

    /** As the schemas write it. */
    @Override
    public String toString() {
        if (isEmpty()) {
            return "none";
        }
        if (highest == OPEN) {
            return lowest + "+";
        }
        return lowest == highest ? String.valueOf(lowest) : lowest + "-" + highest;
    }
}

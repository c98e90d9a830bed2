package io.barnabas.consumer.coordinator.assignor;

/**
 * How large an expression becomes when its counted repetitions are written out, as RE2/J does before anything else: {@code a{1000}} is a
 * thousand, and nested ones multiply. Roughly in instructions, found in one walk.
 */
final class PatternWeight {
    private static final long MOST = 1L << 40;
    private static final int MOST_TIMES = 1_000_000;

    private final String expression;

    /** By open brackets, what they hold so far. */
    private final long[] weights;

    private int depth;

    /** Of what a repetition would repeat; it is part of the weight already. */
    private long last;

    private PatternWeight(String expression) {
        this.expression = expression;
        this.weights = new long[expression.length() + 1];
    }

    static long of(String expression) {
        return new PatternWeight(expression).weigh();
    }

    private long weigh() {
        int at = 0;
        while (at < expression.length()) {
            at = weighAt(at);
        }
        long weight = 0;
        for (int open = 0; open <= depth; open++) {
            weight += weights[open];
        }
        return weight;
    }

    /** @return where it goes on */
    private int weighAt(int at) {
        switch (expression.charAt(at)) {
            case '\\':
                return weighEscape(at);
            case '[':
                add(1);
                return behindClass(at);
            case '(':
                weights[++depth] = 2;
                last = 0;
                return at + 1;
            case ')':
                if (depth > 0) {
                    long inner = weights[depth--];
                    add(inner);
                }
                return at + 1;
            case '|':
                weights[depth]++;
                last = 0;
                return at + 1;
            case '*', '+', '?':
                weights[depth]++;
                last++;
                return at + 1;
            case '{':
                return weighRepetition(at);
            default:
                add(1);
                return at + 1;
        }
    }

    private void add(long weight) {
        last = weight;
        weights[depth] = Math.min(MOST, weights[depth] + weight);
    }

    private int weighEscape(int at) {
        char kind = at + 1 < expression.length() ? expression.charAt(at + 1) : ' ';
        if (kind == 'Q') {
            int end = expression.indexOf("\\E", at + 2);
            int length = (end < 0 ? expression.length() : end) - at - 2;
            add(length);
            last = 1;
            return at + 2 + length + (end < 0 ? 0 : 2);
        }
        add(1);
        boolean isNamed = (kind == 'p' || kind == 'P' || kind == 'x') && expression.startsWith("{", at + 2);
        int end = isNamed ? expression.indexOf('}', at + 3) : -1;
        return end < 0 ? at + 2 : end + 1;
    }

    private int behindClass(int open) {
        int at = open + 1;
        at += expression.startsWith("^", at) ? 1 : 0;
        at += expression.startsWith("]", at) ? 1 : 0;
        while (at < expression.length() && expression.charAt(at) != ']') {
            int named = expression.startsWith("[:", at) ? expression.indexOf(":]", at + 2) : -1;
            if (named >= 0) {
                at = named + 2;
            } else {
                at += expression.charAt(at) == '\\' ? 2 : 1;
            }
        }
        return at + 1;
    }

    /** {@code {n}}, {@code {n,}} or {@code {n,m}}; anything else is a bracket like any other character. */
    private int weighRepetition(int open) {
        int comma = behindDigits(open + 1);
        int close = comma;
        if (comma > open + 1 && expression.startsWith(",", comma)) {
            close = behindDigits(comma + 1);
        }
        if (comma == open + 1 || !expression.startsWith("}", close)) {
            add(1);
            return open + 1;
        }
        long least = number(open + 1, comma);
        long most = comma == close ? least : close == comma + 1 ? least + 1 : number(comma + 1, close);
        long times = Math.max(1, Math.max(least, most));
        // each that may be left out costs one more
        long repeated = Math.min(MOST, last * times + (most > least ? times : 0));
        weights[depth] = Math.min(MOST, weights[depth] + repeated - last);
        last = repeated;
        return close + 1;
    }

    private int behindDigits(int from) {
        int at = from;
        while (at < expression.length() && expression.charAt(at) >= '0' && expression.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private long number(int from, int to) {
        return to - from > 6 ? MOST_TIMES : Long.parseLong(expression.substring(from, to));
    }
}

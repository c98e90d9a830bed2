package io.barnabas.consumer.coordinator.assignor;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * A regular expression over topic names, compiled (GROUP-35). RE2/J matches in time linear in the name, whatever the expression; length and
 * compiled size are bounded, so that the factor is, too. Immutable.
 */
public final class TopicPatterns {
    /** In characters. */
    public static final int MAX_LENGTH = 4_096;

    private static final int MAX_INSTRUCTIONS = 10_000;
    /** RE2/J descends once for each open bracket. */
    private static final int MAX_DEPTH = 200;

    private static final String TOO_LARGE = "its repetitions make it too large";

    private final Pattern pattern;

    private TopicPatterns(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * One of both is null.
     *
     * @param mistake what is wrong with the expression, for its author
     */
    public record Result(TopicPatterns patterns, String mistake) {}

    public static Result compile(String expression) {
        if (expression.length() > MAX_LENGTH) {
            return new Result(null, "it is longer than " + MAX_LENGTH + " characters");
        }
        if (depth(expression) > MAX_DEPTH) {
            return new Result(null, "its brackets are nested deeper than " + MAX_DEPTH);
        }
        if (PatternWeight.of(expression) > MAX_INSTRUCTIONS) {
            return new Result(null, TOO_LARGE); // compiling it would take minutes, or all memory
        }
        Pattern compiled;
        try {
            compiled = Pattern.compile(expression);
        } catch (PatternSyntaxException wrong) {
            return new Result(
                    null, wrong.getDescription() + (wrong.getPattern() == null ? "" : ": " + wrong.getPattern()));
        }
        if (compiled.programSize() > MAX_INSTRUCTIONS) {
            return new Result(null, TOO_LARGE);
        }
        return new Result(new TopicPatterns(compiled), null);
    }

    /** Those that match as a whole, in the order given. */
    public List<String> matching(Collection<String> topicNames) {
        List<String> matching = new ArrayList<>();
        for (String name : topicNames) {
            if (pattern.matches(name)) {
                matching.add(name);
            }
        }
        return matching;
    }

    /** At most this; escaped brackets are counted, too. */
    private static int depth(String expression) {
        int depth = 0;
        int deepest = 0;
        for (int index = 0; index < expression.length(); index++) {
            if (expression.charAt(index) == '(') {
                deepest = Math.max(deepest, ++depth);
            } else if (expression.charAt(index) == ')') {
                depth--;
            }
        }
        return deepest;
    }
}

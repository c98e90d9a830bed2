package io.barnabas.tools;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A choice of topics: a regular expression that has to match the whole name; commas mean "or", quotes around it are dropped. */
final class TopicNames {
    static final TopicNames ALL = new TopicNames(Pattern.compile(".*"));

    private final Pattern pattern;

    private TopicNames(Pattern pattern) {
        this.pattern = pattern;
    }

    /** @throws ToolFailure if it is no regular expression */
    static TopicNames matching(String expression) {
        String bare = expression.strip().replace(',', '|').replace(" ", "").replaceAll("^[\"']+|[\"']+$", "");
        try {
            return new TopicNames(Pattern.compile(bare));
        } catch (PatternSyntaxException e) {
            throw new ToolFailure("'" + expression + "' is neither a topic nor a regular expression", e);
        }
    }

    Pattern pattern() {
        return pattern;
    }

    boolean include(String topic) {
        return pattern.matcher(topic).matches();
    }
}

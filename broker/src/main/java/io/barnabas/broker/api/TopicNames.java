package io.barnabas.broker.api;

import java.util.regex.Pattern;

/** Which names a topic may have (CTRL-20). */
final class TopicNames {
    private static final int LONGEST = 249;
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");

    private TopicNames() {}

    /** @return what is wrong with the name, in a sentence; null if nothing is */
    static String complaint(String name) {
        if (name.isEmpty()) {
            return "Topic name is invalid: the empty string is not allowed";
        }
        if (name.equals(".") || name.equals("..")) {
            return "Topic name is invalid: '" + name + "' is not allowed";
        }
        if (name.length() > LONGEST) {
            return "Topic name is invalid: the length of '" + name + "' is longer than the max allowed length "
                    + LONGEST;
        }
        if (!LEGAL.matcher(name).matches()) {
            return "Topic name is invalid: '" + name
                    + "' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'";
        }
        return null;
    }
}

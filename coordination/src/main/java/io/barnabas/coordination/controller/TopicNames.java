package io.barnabas.coordination.controller;

import java.util.Collection;
import java.util.regex.Pattern;

/** What a topic may be called. */
final class TopicNames {
    private static final int MAX_LENGTH = 249;
    private static final Pattern LEGAL = Pattern.compile("[a-zA-Z0-9._-]+");

    private TopicNames() {}

    /** @return what is wrong with the name, or null */
    static String complaint(String name) {
        if (name.isEmpty()) {
            return "the topic name is empty";
        }
        if (name.equals(".") || name.equals("..")) {
            return "a topic cannot be named " + name;
        }
        if (name.length() > MAX_LENGTH) {
            return "the topic name has " + name.length() + " characters, more than " + MAX_LENGTH;
        }
        if (!LEGAL.matcher(name).matches()) {
            return "topic name '" + name + "' has characters other than ASCII letters, digits, '.', '_' and '-'";
        }
        return null;
    }

    /** A topic whose metrics could not be told from those of {@code name}, because '.' becomes '_' there; or null. */
    static String colliding(String name, Collection<String> existing) {
        if (name.indexOf('.') < 0 && name.indexOf('_') < 0) {
            return null;
        }
        String flat = name.replace('.', '_');
        for (String other : existing) {
            if (!other.equals(name)
                    && other.length() == name.length()
                    && other.replace('.', '_').equals(flat)) {
                return other;
            }
        }
        return null;
    }
}

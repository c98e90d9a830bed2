package io.barnabas.runtime.config;

import java.util.List;

/** A configuration cannot be used. The message names every mistake, one a line. */
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> mistakes;

    public ConfigException(List<String> mistakes) {
        super(String.join("\n", mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** Each a sentence that names the key, its value and what is allowed. */
    public List<String> mistakes() {
        return mistakes == null ? List.of(getMessage().split("\n")) : mistakes;
    }
}

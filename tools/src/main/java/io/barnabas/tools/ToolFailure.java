package io.barnabas.tools;

/** A command cannot do what it was asked. The message is one sentence for a person and says what to do; no trace is printed. */
public final class ToolFailure extends RuntimeException {
    public ToolFailure(String message) {
        super(message);
    }

    public ToolFailure(String message, Throwable cause) {
        super(message, cause);
    }
}

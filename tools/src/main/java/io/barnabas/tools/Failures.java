package io.barnabas.tools;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** Turns what clients throw into one sentence. */
final class Failures {
    private Failures() {}

    /** Waits, and throws the cause of a failure itself. */
    static <T> T await(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new ToolFailure(sentence(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptException(e);
        }
    }

    /** Whether a person can act on it; if not, it is a bug and its trace is wanted. */
    static boolean isExpected(Throwable failure) {
        Throwable cause = unwrapped(failure);
        return cause instanceof ToolFailure || cause instanceof KafkaException;
    }

    /** What went wrong, in one line. */
    static String sentence(Throwable failure) {
        Throwable cause = unwrapped(failure);
        String message = cause.getMessage() == null
                ? cause.getClass().getSimpleName()
                : cause.getMessage().lines().findFirst().orElse("").strip();
        if (cause instanceof UnsupportedVersionException) {
            return "the broker does not offer this yet (" + message + ")";
        }
        if (cause instanceof TimeoutException) {
            return "no answer in time (" + message + "); is a broker running at --bootstrap-server?";
        }
        if (cause.getClass() == KafkaException.class && cause.getCause() instanceof ConfigException config) {
            return config.getMessage();
        }
        if (cause instanceof ApiException && message.isEmpty()) {
            return cause.getClass().getSimpleName();
        }
        return message;
    }

    private static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}

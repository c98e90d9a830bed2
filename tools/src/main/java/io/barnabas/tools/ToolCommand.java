package io.barnabas.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** What all commands share: streams, help, the form of the output. {@link #call} gives the exit code. */
abstract class ToolCommand implements Callable<Integer> {
    static final int DONE = 0;
    static final int FAILED = 1;

    @Option(
            names = "--output",
            paramLabel = "text|json",
            description = "Kafka's columns, or JSON (default: text)",
            order = 900)
    private OutputFormat output = OutputFormat.TEXT;

    @Option(names = "--help", usageHelp = true, description = "print this help", order = 901)
    private boolean help;

    private final ToolStreams streams;

    ToolCommand(ToolStreams streams) {
        this.streams = streams;
    }

    final ToolStreams streams() {
        return streams;
    }

    final PrintStream out() {
        return streams.out();
    }

    /** A word for the person, beside the results. */
    final void note(String text) {
        streams.err().println(text);
    }

    final boolean inJson() {
        return output == OutputFormat.JSON;
    }

    /** One JSON value on one line. */
    final void printJson(Object value) {
        try {
            out().println(Json.MAPPER.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result has no JSON form", e);
        }
    }

    /** Apart, so that Jackson is loaded only when it is needed. */
    static final class Json {
        static final JsonMapper MAPPER = JsonMapper.builder().build();

        private Json() {}
    }
}

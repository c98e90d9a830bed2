package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Goes once through what the other commands do, on a broker of its own, so that the launcher can keep the classes they need
 * in an archive. Not for people, therefore not in the list of commands.
 */
@Command(header = "Run the other commands once, for the launcher's class archive.")
final class RehearseCommand extends ToolCommand {
    private static final String TOPIC = "rehearsal";

    @Option(names = "--bootstrap-server", required = true, paramLabel = "HOST:PORT", description = "a broker to spoil")
    private String bootstrapServer;

    RehearseCommand(ToolStreams streams) {
        super(streams);
    }

    /** @return 0 if all of them worked */
    @Override
    public Integer call() {
        int worst = DONE;
        for (List<String> command : List.of(
                List.of("topics", "--create", "--topic", TOPIC),
                List.of("topics", "--describe"),
                List.of("produce", "--topic", TOPIC, "--reader-property", "parse.key=false"),
                List.of("consume", "--topic", TOPIC, "--from-beginning", "--max-messages", "1", "--timeout-ms", "5000"),
                List.of("offsets", "--topic", TOPIC),
                List.of("configs", "--describe", "--topic", TOPIC, "--output", "json"))) {
            List<String> arguments = new ArrayList<>(command);
            arguments.addAll(Arrays.asList("--bootstrap-server", bootstrapServer));
            worst = Math.max(worst, BarnabasTool.run(arguments.toArray(String[]::new), streams()));
        }
        return worst;
    }
}

package io.barnabas.tools;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code barnabas dump-log}: Kafka's kafka-dump-log. Reads files only, best of a stopped broker or closed segments. */
@Command(
        sortOptions = false,
        header = "Print what is in segments and their indexes (kafka-dump-log).",
        footer = "The exit code is 1 if a file is damaged; what comes before the damage is printed.")
final class DumpLogCommand extends ToolCommand {
    @Option(
            names = "--files",
            required = true,
            paramLabel = "FILE,...",
            description = "files that end in .log, .index or .timeindex")
    private List<String> files = new ArrayList<>();

    @Option(names = "--print-data-log", description = "also print the records, keys and values as text")
    private boolean printDataLog;

    @Option(names = "--deep-iteration", description = "also print the records, without keys and values")
    private boolean deepIteration;

    @Option(names = "--skip-record-metadata", description = "of records print keys and values only")
    private boolean skipRecordMetadata;

    @Option(names = "--max-bytes", paramLabel = "BYTES", description = "stop after so many bytes of a .log file")
    private long maxBytes = Long.MAX_VALUE;

    DumpLogCommand(ToolStreams streams) {
        super(streams);
    }

    @Override
    public Integer call() throws IOException {
        int worst = DONE;
        for (String name : files.stream()
                .flatMap(some -> Arrays.stream(some.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList()) {
            if (!Files.isRegularFile(Path.of(name))) {
                throw new ToolFailure("there is no file " + name);
            }
            if (!inJson()) {
                out().println("Dumping " + name);
            }
            String damage = dump(Path.of(name));
            if (damage != null) {
                out().flush();
                note("barnabas dump-log: " + name + ": " + damage);
                worst = FAILED;
            }
        }
        return worst;
    }

    /** @return what is wrong with the file, or null */
    private String dump(Path file) throws IOException {
        String name = file.getFileName().toString();
        if (name.endsWith(".log")) {
            SegmentDump.Detail detail = printDataLog
                    ? skipRecordMetadata ? SegmentDump.Detail.PAYLOADS : SegmentDump.Detail.DATA
                    : deepIteration ? SegmentDump.Detail.RECORDS : SegmentDump.Detail.BATCHES;
            return new SegmentDump(file, detail, maxBytes).print(this::show);
        }
        if (name.endsWith(".timeindex")) {
            return IndexDump.printTimes(file, this::show);
        }
        if (name.endsWith(".index")) {
            return IndexDump.printOffsets(file, this::show);
        }
        throw new ToolFailure(file + " is of a kind that cannot be printed; there are .log, .index and .timeindex");
    }

    private void show(String line, Object json) {
        if (inJson()) {
            printJson(json);
        } else {
            out().println(line);
        }
    }

    /** Takes what was found in both forms; one of them is printed. */
    interface Sink {
        void show(String line, Object json);
    }
}

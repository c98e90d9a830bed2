package io.barnabas.tools;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** The door: the first argument names a command, the rest is the command's. Only that command is loaded. */
public final class BarnabasTool {
    private static final List<Entry> COMMANDS = List.of(
            new Entry("topics", "create, list, describe, change and delete topics", TopicsCommand::new),
            new Entry("produce", "send lines of standard input as records", ProduceCommand::new),
            new Entry("consume", "print the records of a topic", ConsumeCommand::new),
            new Entry("configs", "show and change settings of topics, brokers and groups", ConfigsCommand::new),
            new Entry("groups", "list, describe, reset and delete consumer groups", GroupsCommand::new),
            new Entry("offsets", "print offsets of partitions", OffsetsCommand::new),
            new Entry("features", "show and change the levels of features", FeaturesCommand::new),
            new Entry("delete-records", "delete records below given offsets", DeleteRecordsCommand::new),
            new Entry("leader-election", "elect leaders of partitions", LeaderElectionCommand::new),
            new Entry("reassign", "move partitions to other brokers", ReassignCommand::new),
            new Entry("drain", "move every replica away from a broker", DrainCommand::new),
            new Entry("balance", "spread replicas and leaders evenly", BalanceCommand::new),
            new Entry("dump-log", "print what is in segments and indexes", DumpLogCommand::new));

    /** What the launcher hands to the broker itself. */
    private static final Map<String, List<String>> LAUNCHED = Map.of(
            "start",
            List.of(
                    "barnabas start [server.properties] [--override key=value]...",
                    "Start a broker; without a file a complete system by itself, with its data under ./data.",
                    "SIGTERM or Ctrl-C stop it in good order."),
            "dev",
            List.of(
                    "barnabas dev [--brokers 3] [--data DIR] [--port 9092] [--override key=value]...",
                    "Start a whole cluster with its own ZooKeeper in one process, for development: brokers 1, 2, 3 … on the ports from",
                    "--port on (0: any free ones). Without --data everything lies in a temporary directory that is removed at the end.",
                    "SIGTERM or Ctrl-C stop it in good order."));

    private static final Entry REHEARSE = new Entry("rehearse", "", RehearseCommand::new);

    private record Entry(String name, String purpose, Function<ToolStreams, ToolCommand> command) {}

    private BarnabasTool() {}

    /** Ends the process with the exit code of {@link #run}. */
    public static void main(String[] args) {
        ToolStreams streams = ToolStreams.ofProcess();
        int exitCode = run(args, streams);
        streams.out().flush();
        System.exit(exitCode);
    }

    /** @return 0 if the command did what it was asked, else 1 */
    public static int run(String[] args, ToolStreams streams) {
        String name = args.length == 0 ? "help" : args[0];
        List<String> rest = Arrays.asList(args).subList(Math.min(1, args.length), args.length);
        return switch (name) {
            case "--version" -> {
                streams.out().println("Barnabas " + version());
                yield ToolCommand.DONE;
            }
            case "help", "--help", "-h" -> help(rest, streams);
            default -> execute(name, rest, streams);
        };
    }

    private static int help(List<String> rest, ToolStreams streams) {
        if (!rest.isEmpty() && LAUNCHED.containsKey(rest.get(0))) {
            LAUNCHED.get(rest.get(0)).forEach(streams.out()::println);
            return ToolCommand.DONE;
        }
        if (!rest.isEmpty()) {
            return execute(rest.get(0), List.of("--help"), streams);
        }
        PrintStream out = streams.out();
        out.println("barnabas COMMAND [OPTIONS]");
        out.println();
        line(out, "start", "start a broker: [server.properties] [--override key=value]...");
        line(out, "dev", "start a whole cluster for development: [--brokers 3] [--data DIR] [--port 9092]");
        COMMANDS.forEach(entry -> line(out, entry.name(), entry.purpose()));
        line(out, "prepare", "build, and make the next starts fast; done by itself when needed");
        line(out, "help", "explain a command: help COMMAND");
        line(out, "--version", "print the version");
        return ToolCommand.DONE;
    }

    private static void line(PrintStream out, String name, String purpose) {
        out.printf(Locale.ROOT, "  %-16s %s%n", name, purpose);
    }

    private static int execute(String name, List<String> args, ToolStreams streams) {
        for (Entry entry : COMMANDS) {
            if (entry.name().equals(name)) {
                return commandLine(entry, streams).execute(args.toArray(String[]::new));
            }
        }
        if (REHEARSE.name().equals(name)) {
            return commandLine(REHEARSE, streams).execute(args.toArray(String[]::new));
        }
        streams.err().println("barnabas: there is no command '" + name + "'; 'barnabas help' lists them all");
        return ToolCommand.FAILED;
    }

    private static CommandLine commandLine(Entry entry, ToolStreams streams) {
        String name = "barnabas " + entry.name();
        return new CommandLine(entry.command().apply(streams))
                .setCommandName(name)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setUsageHelpLongOptionsMaxWidth(36)
                .setOut(new PrintWriter(streams.out(), true))
                .setErr(new PrintWriter(streams.err(), true))
                .setParameterExceptionHandler((mistake, args) -> mistaken(name, entry, mistake, streams))
                .setExecutionExceptionHandler((failure, line, parsed) -> failed(name, failure, streams));
    }

    private static int mistaken(String name, Entry entry, ParameterException mistake, ToolStreams streams) {
        streams.err().println(name + ": " + mistake.getMessage() + "; see 'barnabas help " + entry.name() + "'");
        return ToolCommand.FAILED;
    }

    private static int failed(String name, Exception failure, ToolStreams streams) {
        streams.out().flush();
        streams.err().println(name + ": " + Failures.sentence(failure));
        if (!Failures.isExpected(failure)) {
            failure.printStackTrace(streams.err());
        }
        return ToolCommand.FAILED;
    }

    private static String version() {
        String version = BarnabasTool.class.getPackage().getImplementationVersion();
        return version == null ? "(from classes)" : version;
    }
}

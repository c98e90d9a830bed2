package io.barnabas.tools;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import picocli.CommandLine.Option;

/** The options of {@link GroupsCommand}, and which of them go together. */
final class GroupsOptions {
    enum Action {
        LIST("--list"),
        DESCRIBE("--describe"),
        RESET_OFFSETS("--reset-offsets"),
        DELETE("--delete"),
        DELETE_OFFSETS("--delete-offsets"),
        VALIDATE_REGEX("--validate-regex");

        final String option;

        Action(String option) {
            this.option = option;
        }
    }

    enum View {
        OFFSETS,
        MEMBERS,
        STATE,
        LAG
    }

    private static final Set<GroupType> TYPES = EnumSet.of(GroupType.CLASSIC, GroupType.CONSUMER);

    @Option(names = "--list", description = "list groups")
    private boolean list;

    @Option(names = "--describe", description = "show what groups have read, who is in them, or their state")
    private boolean describe;

    @Option(names = "--reset-offsets", description = "set the offsets of groups without members, see below")
    private boolean resetOffsets;

    @Option(names = "--delete", description = "delete groups without members")
    private boolean delete;

    @Option(names = "--delete-offsets", description = "delete a group's offsets of topics")
    private boolean deleteOffsets;

    @Option(
            names = "--validate-regex",
            paramLabel = "REGEX",
            description = "say whether a broker takes this regular expression (RE2) as a subscription")
    private String regex;

    @Option(names = "--group", paramLabel = "ID", description = "a group; repeatable")
    private List<String> groups = new ArrayList<>();

    @Option(names = "--all-groups", description = "all groups")
    private boolean allGroups;

    @Option(
            names = "--state",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "STATE,...",
            description = "with --list: show states, or only groups in these; with --describe: show the state")
    private String state;

    @Option(
            names = "--type",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "TYPE,...",
            description = "with --list: show types, or only groups of these: classic, consumer")
    private String type;

    @Option(names = "--offsets", description = "with --describe: offsets and lag (the default)")
    private boolean offsets;

    @Option(names = "--members", description = "with --describe: members")
    private boolean members;

    @Option(
            names = "--lag",
            description = "with --describe: lag in seconds and a verdict, from the broker's HTTP endpoint")
    private boolean lag;

    @Option(
            names = "--http",
            paramLabel = "HOST:PORT",
            description = "with --lag: where a broker answers HTTP (default: 127.0.0.1:8080)")
    private String http;

    @Option(names = "--verbose", description = "with --describe: epochs and assignments; with --lag: rebalances")
    private boolean verbose;

    @Option(
            names = "--timeout",
            paramLabel = "MS",
            description = "patience with the group's coordinator (default: 30000)")
    private int timeoutMs = 30_000;

    @Option(
            names = "--topic",
            paramLabel = "NAME[:N,...]",
            description = "whose offsets to reset or delete; repeatable")
    private List<String> topics = new ArrayList<>();

    @Option(names = "--all-topics", description = "reset all offsets that the group has")
    private boolean allTopics;

    @Option(names = "--to-earliest", description = "reset to the first offset")
    private boolean toEarliest;

    @Option(names = "--to-latest", description = "reset to the end")
    private boolean toLatest;

    @Option(names = "--to-current", description = "reset to what is committed, else to the end")
    private boolean toCurrent;

    @Option(names = "--to-offset", paramLabel = "OFFSET", description = "reset to this offset")
    private Long toOffset;

    @Option(names = "--shift-by", paramLabel = "N", description = "reset N records further, or back if negative")
    private Long shiftBy;

    @Option(
            names = "--to-datetime",
            paramLabel = "YYYY-MM-DDThh:mm:ss.sss",
            description = "reset to the first record from then on; UTC if no offset like +01:00 follows")
    private String toDatetime;

    @Option(
            names = "--by-duration",
            paramLabel = "PnDTnHnMnS",
            description = "reset to the first record of the last so many days, hours, …")
    private String byDuration;

    @Option(names = "--from-file", paramLabel = "FILE", description = "reset to what --export has written")
    private String fromFile;

    @Option(names = "--dry-run", description = "only show what a reset would do (the default)")
    private boolean dryRun;

    @Option(names = "--execute", description = "do it")
    private boolean execute;

    @Option(names = "--export", description = "print the reset as CSV, for --from-file")
    private boolean export;

    /**
     * What is to be done.
     *
     * @throws ToolFailure if the options do not go together
     */
    Action action() {
        List<Action> given = new ArrayList<>();
        given(list, Action.LIST, given);
        given(describe, Action.DESCRIBE, given);
        given(resetOffsets, Action.RESET_OFFSETS, given);
        given(delete, Action.DELETE, given);
        given(deleteOffsets, Action.DELETE_OFFSETS, given);
        given(regex != null, Action.VALIDATE_REGEX, given);
        if (given.isEmpty() && lag) {
            given.add(Action.DESCRIBE);
        }
        if (given.size() != 1) {
            throw new ToolFailure(
                    "give exactly one of --list, --describe, --reset-offsets, --delete, --delete-offsets and"
                            + " --validate-regex");
        }
        Action action = given.get(0);
        checkScope(action);
        checkViews(action);
        checkReset(action);
        if (timeoutMs < 1) {
            throw new ToolFailure("--timeout is a number of milliseconds above 0");
        }
        return action;
    }

    private static void given(boolean flag, Action action, List<Action> given) {
        if (flag) {
            given.add(action);
        }
    }

    private void checkScope(Action action) {
        if (!groups.isEmpty() && allGroups) {
            throw new ToolFailure("give either --group or --all-groups");
        }
        if (groups.stream().anyMatch(String::isBlank)) {
            throw new ToolFailure("--group is empty");
        }
        boolean anyGroup = !groups.isEmpty() || allGroups;
        if (action == Action.LIST && anyGroup) {
            throw new ToolFailure("--list lists all groups: leave out --group and --all-groups");
        }
        if (action == Action.VALIDATE_REGEX) {
            if (anyGroup || !topics.isEmpty()) {
                throw new ToolFailure("--validate-regex needs neither --group nor --topic");
            }
            return;
        }
        if (action == Action.DELETE_OFFSETS && (groups.size() != 1 || topics.isEmpty())) {
            throw new ToolFailure("--delete-offsets needs one --group and at least one --topic");
        }
        if (action != Action.LIST && !anyGroup) {
            throw new ToolFailure(action.option + " needs --group or --all-groups");
        }
        if (action == Action.DELETE && !topics.isEmpty()) {
            throw new ToolFailure("--delete deletes whole groups; offsets of a topic are deleted by --delete-offsets");
        }
        if ((action == Action.LIST || action == Action.DESCRIBE) && !topics.isEmpty()) {
            throw new ToolFailure("--topic goes with --reset-offsets and --delete-offsets");
        }
    }

    private void checkViews(Action action) {
        boolean describing = action == Action.DESCRIBE;
        if (!describing && (offsets || members || lag || verbose || http != null)) {
            throw new ToolFailure("--offsets, --members, --lag, --http and --verbose go with --describe");
        }
        if (!describing && action != Action.LIST && state != null) {
            throw new ToolFailure("--state goes with --list and --describe");
        }
        if (action != Action.LIST && type != null) {
            throw new ToolFailure("--type goes with --list");
        }
        if (describing && state != null && !state.isEmpty()) {
            throw new ToolFailure("with --describe, --state takes no value");
        }
        long views = Stream.of(offsets, members, lag, state != null)
                .filter(view -> view)
                .count();
        if (describing && views > 1) {
            throw new ToolFailure("give at most one of --offsets, --members, --state and --lag");
        }
        if (http != null && !lag) {
            throw new ToolFailure("--http goes with --lag");
        }
        if (action == Action.LIST) {
            states();
            types();
        }
    }

    private void checkReset(Action action) {
        List<String> scenarios = scenarios();
        boolean resetting = action == Action.RESET_OFFSETS;
        if (!resetting) {
            if (!scenarios.isEmpty() || allTopics || execute || dryRun || export) {
                throw new ToolFailure((scenarios.isEmpty()
                                ? "--all-topics, --execute, --dry-run and --export go"
                                : scenarios.get(0) + " goes")
                        + " with --reset-offsets");
            }
            return;
        }
        if (dryRun && execute) {
            throw new ToolFailure("give either --dry-run or --execute");
        }
        if (fromFile == null && topics.isEmpty() && !allTopics) {
            throw new ToolFailure("--reset-offsets needs --topic, --all-topics or --from-file");
        }
        if (scenarios.size() != 1) {
            throw new ToolFailure("--reset-offsets needs exactly one of --to-earliest, --to-latest, --to-current,"
                    + " --to-offset, --shift-by, --to-datetime, --by-duration and --from-file");
        }
        TopicSelection.parse(topics);
    }

    private List<String> scenarios() {
        List<String> given = new ArrayList<>();
        named(toEarliest, "--to-earliest", given);
        named(toLatest, "--to-latest", given);
        named(toCurrent, "--to-current", given);
        named(toOffset != null, "--to-offset", given);
        named(shiftBy != null, "--shift-by", given);
        named(toDatetime != null, "--to-datetime", given);
        named(byDuration != null, "--by-duration", given);
        named(fromFile != null, "--from-file", given);
        return given;
    }

    private static void named(boolean flag, String option, List<String> given) {
        if (flag) {
            given.add(option);
        }
    }

    /** Those of {@code --group}, each once, in order. */
    List<String> groups() {
        return List.copyOf(new LinkedHashSet<>(groups));
    }

    /** What to validate. */
    String regex() {
        return regex;
    }

    boolean allGroups() {
        return allGroups;
    }

    View view() {
        return lag ? View.LAG : members ? View.MEMBERS : state != null ? View.STATE : View.OFFSETS;
    }

    boolean showsStates() {
        return state != null;
    }

    boolean showsTypes() {
        return type != null;
    }

    /** Only groups in these; empty for all. */
    Set<GroupState> states() {
        Set<GroupState> valid = EnumSet.noneOf(GroupState.class);
        TYPES.forEach(one -> valid.addAll(GroupState.groupStatesForType(one)));
        Set<GroupState> states = EnumSet.noneOf(GroupState.class);
        for (String word : words(state)) {
            GroupState parsed = GroupState.parse(word);
            if (!valid.contains(parsed)) {
                throw new ToolFailure("--state: '" + word + "' is no state of a group; there are " + names(valid));
            }
            states.add(parsed);
        }
        return states;
    }

    /** Only groups of these; empty for all. */
    Set<GroupType> types() {
        Set<GroupType> types = EnumSet.noneOf(GroupType.class);
        for (String word : words(type)) {
            GroupType parsed = GroupType.parse(word.toLowerCase(Locale.ROOT));
            if (!TYPES.contains(parsed)) {
                throw new ToolFailure("--type: '" + word + "' is no type of a group; there are " + names(TYPES));
            }
            types.add(parsed);
        }
        return types;
    }

    private static List<String> words(String text) {
        return text == null
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(String::strip)
                        .filter(word -> !word.isEmpty())
                        .toList();
    }

    private static String names(Set<?> values) {
        return values.stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new)).stream()
                .collect(Collectors.joining(", "));
    }

    boolean verbose() {
        return verbose;
    }

    int timeoutMs() {
        return timeoutMs;
    }

    String http() {
        return http == null ? "127.0.0.1:8080" : http;
    }

    List<TopicSelection> topics() {
        return TopicSelection.parse(topics);
    }

    boolean allTopics() {
        return allTopics;
    }

    /** Null unless offsets come from a file. */
    String fromFile() {
        return fromFile;
    }

    /** Null if offsets come from a file. */
    ResetScenario scenario(long nowMillis) {
        if (toEarliest) {
            return ResetScenario.EARLIEST;
        }
        if (toLatest) {
            return ResetScenario.LATEST;
        }
        if (toCurrent) {
            return ResetScenario.CURRENT;
        }
        if (toOffset != null) {
            return ResetScenario.toOffset(toOffset);
        }
        if (shiftBy != null) {
            return ResetScenario.shiftBy(shiftBy);
        }
        if (toDatetime != null) {
            return ResetScenario.toDateTime(toDatetime);
        }
        return byDuration == null ? null : ResetScenario.byDuration(byDuration, nowMillis);
    }

    boolean execute() {
        return execute;
    }

    boolean export() {
        return export;
    }

    /** Whether neither {@code --dry-run} nor {@code --execute} nor {@code --export} was said. */
    boolean leavesOpenWhetherToExecute() {
        return !execute && !dryRun && !export;
    }
}

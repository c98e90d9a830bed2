package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, mistakes and exit codes; nothing here reaches a broker. */
class CommandLineTest {
    @Test
    @DisplayName("without arguments the commands are listed on standard output")
    void listsCommands() {
        ToolRun run = ToolRun.of();

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("  topics ", "  produce ", "  consume ", "  dump-log ");
        assertThat(run.err()).isEmpty();
    }

    @Test
    @DisplayName("what the launcher hands to the broker is explained as well")
    void explainsWhatIsLaunched() {
        assertThat(ToolRun.of("help", "start").out()).startsWith("barnabas start [server.properties]");
        assertThat(ToolRun.of("help", "dev").out()).startsWith("barnabas dev [--brokers 3]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "topics",
                "produce",
                "consume",
                "configs",
                "offsets",
                "groups",
                "features",
                "delete-records",
                "leader-election",
                "reassign",
                "drain",
                "balance",
                "dump-log"
            })
    @DisplayName("every command explains itself")
    void explainsItself(String command) {
        ToolRun asked = ToolRun.of("help", command);
        ToolRun direct = ToolRun.of(command, "--help");

        assertThat(asked.exitCode()).isZero();
        assertThat(asked.out()).contains("barnabas " + command).isEqualTo(direct.out());
        assertThat(asked.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "bogus",
                "topics",
                "topics --list --describe",
                "topics --create",
                "topics --list --no-such-option",
                "topics --create --topic t --replica-assignment 1:1",
                "topics --create --topic t --replica-assignment 1:2,1",
                "topics --create --topic t --replica-assignment 1 --partitions 3",
                "topics --create --topic t --partitions 0",
                "topics --alter --topic t",
                "topics --alter --topic t --config a=b --partitions 2",
                "topics --list --topic t --unavailable-partitions",
                "topics --list --bootstrap-server nonsense",
                "topics --list --output xml",
                "produce",
                "produce --topic t --compression-codec brotli",
                "produce --topic t --reader-property parse.keys=true",
                "produce --topic t --line-reader my.Reader",
                "consume",
                "consume --topic t --include u",
                "consume --topic t --offset 3",
                "consume --topic t --partition 0 --offset -5",
                "consume --topic t --partition 0 --offset 3 --from-beginning",
                "consume --topic t --group g --partition 0",
                "consume --topic t --consumer-property group.id=g --partition 0",
                "consume --topic t --group g --consumer-property group.id=h",
                "consume --topic t --group g --from-beginning --consumer-property auto.offset.reset=latest",
                "consume --topic t --formatter my.Formatter",
                "consume --topic __consumer_offsets --formatter offsets --formatter-property print.key=true",
                "consume --topic t --formatter-property print.keys=true",
                "consume --topic t --isolation-level read_all",
                "configs --describe",
                "configs --describe --entity-type users",
                "configs --alter --topic t",
                "configs --describe --topic t --broker 1",
                "configs --alter --topic t --add-config novalue",
                "configs --describe --broker one",
                "configs --describe --group g --topic t",
                "configs --describe --entity-type groups --entity-default",
                "configs --alter --entity-type groups --add-config a=b",
                "features",
                "features list",
                "features describe --feature group.version",
                "features describe --dry-run",
                "features upgrade",
                "features upgrade --feature group.version",
                "features upgrade --feature group.version=x",
                "features upgrade --feature group.version=-1",
                "features upgrade --feature group.version=1 --feature group.version=1",
                "features upgrade --feature group.version=1 --unsafe",
                "features disable --feature group.version=1",
                "offsets --time yesterday",
                "offsets --topic t --topic-partitions t:1",
                "offsets --topic-partitions t:x",
                "groups",
                "groups --list --describe",
                "groups --validate-regex a.* --group g",
                "groups --list --group g",
                "groups --list --members",
                "groups --list --state bogus",
                "groups --list --type share",
                "groups --list --to-latest",
                "groups --describe",
                "groups --describe --group g --all-groups",
                "groups --describe --group g --members --offsets",
                "groups --describe --group g --state stable",
                "groups --describe --group g --type",
                "groups --describe --group g --execute",
                "groups --describe --group g --topic t",
                "groups --describe --group g --http localhost:8080",
                "groups --describe --group g --timeout 0",
                "groups --lag --group g --http nonsense",
                "groups --lag --group g --members",
                "groups --delete",
                "groups --delete --group g --topic t",
                "groups --delete --group g --state",
                "groups --delete-offsets --group g",
                "groups --delete-offsets --topic t",
                "groups --delete-offsets --group g --group h --topic t",
                "groups --reset-offsets --topic t --to-latest",
                "groups --reset-offsets --group g --to-latest",
                "groups --reset-offsets --group g --topic t",
                "groups --reset-offsets --group g --topic t --to-latest --to-earliest",
                "groups --reset-offsets --group g --topic t --to-latest --dry-run --execute",
                "groups --reset-offsets --group g --topic t:x --to-latest",
                "groups --reset-offsets --group g --topic t:-1 --to-latest",
                "groups --reset-offsets --group g --topic t:1, --to-latest",
                "groups --reset-offsets --group g --all-topics --by-duration 1h",
                "groups --reset-offsets --group g --all-topics --to-datetime yesterday",
                "groups --reset-offsets --group g --all-topics --to-offset x",
                "delete-records --offset-json-file no-such-file",
                "leader-election --all-topic-partitions",
                "leader-election --election-type best --all-topic-partitions",
                "leader-election --election-type preferred",
                "leader-election --election-type preferred --topic t",
                "leader-election --election-type preferred --partition 1 --all-topic-partitions",
                "leader-election --election-type preferred --topic t --partition 1 --all-topic-partitions",
                "leader-election --election-type unclean --path-to-json-file no-such-file",
                "leader-election --election-type unclean --path-to-json-file pom.xml",
                "reassign",
                "reassign --list --verify",
                "reassign --execute",
                "reassign --execute --reassignment-json-file no-such-file",
                "reassign --execute --reassignment-json-file pom.xml",
                "reassign --execute --reassignment-json-file pom.xml --throttle 0",
                "reassign --execute --reassignment-json-file pom.xml --wait",
                "reassign --verify --reassignment-json-file pom.xml --throttle 5",
                "reassign --verify --reassignment-json-file pom.xml --additional",
                "reassign --list --preserve-throttles",
                "reassign --list --reassignment-json-file pom.xml",
                "reassign --generate --topics-to-move-json-file pom.xml",
                "reassign --generate --broker-list 1,2",
                "reassign --generate --topics-to-move-json-file pom.xml --broker-list 1,2",
                "drain",
                "drain --broker one",
                "drain --broker 1 --throttle 5",
                "drain --broker 1 --execute --throttle 0",
                "drain --broker 1 --at-once 0",
                "balance --throttle 5",
                "balance --topic a(",
                "dump-log --files no-such-file.log",
                "dump-log --files pom.xml"
            })
    @DisplayName("a mistake is one line on standard error, nothing on standard output, exit code 1")
    void mistakesAreOneLine(String line) {
        ToolRun run = ToolRun.of(line.split(" "));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).startsWith("barnabas").hasLineCount(1);
        assertThat(run.out().replaceFirst("Dumping .*\\n", "")).isEmpty();
    }

    @Test
    @DisplayName("--validate-regex judges by RE2: what it does not know is invalid, and the exit code says so")
    void validatesRegularExpressions() {
        ToolRun valid = ToolRun.of("groups", "--validate-regex", "orders-(eu|us)");
        ToolRun lookahead = ToolRun.of("groups", "--validate-regex", "orders-(?!eu)");

        assertThat(valid.exitCode()).isZero();
        assertThat(valid.out()).isEqualTo("The regular expression `orders-(eu|us)` is valid.\n");
        assertThat(lookahead.exitCode()).isEqualTo(1);
        assertThat(lookahead.out()).startsWith("The regular expression `orders-(?!eu)` is invalid: ");
        assertThat(ToolRun.of("groups", "--validate-regex", "a(", "--output", "json")
                        .out())
                .isEqualTo("{\"valid\":false,\"error\":\"missing closing )\"}\n");
    }
}

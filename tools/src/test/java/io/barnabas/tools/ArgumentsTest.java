package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The small languages inside arguments. */
class ArgumentsTest {
    @Test
    @DisplayName("--add-config: commas inside square brackets belong to the value, values may be empty")
    void configAssignments() {
        assertThat(ConfigAssignments.parse("a=1, b=[x,y] ,c=,d=k=v"))
                .containsExactly(entry("a", "1"), entry("b", "x,y"), entry("c", ""), entry("d", "k=v"));
        assertThatThrownBy(() -> ConfigAssignments.parse("a")).isInstanceOf(ToolFailure.class);
    }

    @Test
    @DisplayName("--topic-partitions: numbers, half-open ranges, open ends, any topic")
    void partitionPatterns() {
        PartitionPatterns patterns = PartitionPatterns.parse("a:1,b:0-2,c:5-,:-1,d");

        assertThat(patterns.test("a", 1)).isTrue();
        assertThat(patterns.test("a", 2)).isFalse();
        assertThat(patterns.test("b", 1)).isTrue();
        assertThat(patterns.test("b", 2)).isFalse();
        assertThat(patterns.test("c", 4)).isFalse();
        assertThat(patterns.test("c", 500)).isTrue();
        assertThat(patterns.test("other", 0)).isTrue();
        assertThat(patterns.test("d", 9)).isTrue();
    }

    @Test
    @DisplayName("--topic means a whole name, a regular expression, or several with commas")
    void topicNames() {
        assertThat(TopicNames.matching("a.*").include("abc")).isTrue();
        assertThat(TopicNames.matching("a").include("abc")).isFalse();
        assertThat(TopicNames.matching("'a, b'").include("b")).isTrue();
        assertThatThrownBy(() -> TopicNames.matching("a(")).isInstanceOf(ToolFailure.class);
    }

    @Test
    @DisplayName("--replica-assignment lists brokers per partition; existing partitions are left out")
    void replicaAssignment() {
        assertThat(TopicsCommand.ReplicaAssignment.parse("1:2,2:1", 0))
                .containsExactly(entry(0, List.of(1, 2)), entry(1, List.of(2, 1)));
        assertThat(TopicsCommand.ReplicaAssignment.parse("1:2,2:1", 1)).containsExactly(entry(1, List.of(2, 1)));
    }

    @Test
    @DisplayName("the file of delete-records names each partition once")
    void offsetFile() {
        assertThat(DeleteRecordsCommand.parse(
                        "{\"version\":1,\"partitions\":[{\"topic\":\"t\",\"partition\":2,\"offset\":-1}]}"))
                .containsOnlyKeys(new TopicPartition("t", 2));
        assertThatThrownBy(() -> DeleteRecordsCommand.parse("{\"partitions\":[{\"topic\":\"t\"}]}"))
                .isInstanceOf(ToolFailure.class);
        assertThatThrownBy(() -> DeleteRecordsCommand.parse("nonsense")).isInstanceOf(ToolFailure.class);
    }

    @Test
    @DisplayName("--topic of offsets names all partitions or some of them")
    void topicSelections() {
        assertThat(TopicSelection.parse(List.of("t", "u:0,2, 1")))
                .containsExactly(new TopicSelection("t", Set.of()), new TopicSelection("u", Set.of(0, 1, 2)));
        for (String mistake : List.of("", ":1", "t:", "t:a", "t:-1", "t:1,,2")) {
            assertThatThrownBy(() -> TopicSelection.parse(List.of(mistake)))
                    .as(mistake)
                    .isInstanceOf(ToolFailure.class);
        }
    }

    @Test
    @DisplayName("--feature names a feature with its level; to disable it is level 0")
    void featureLevels() {
        assertThat(FeaturesCommand.levels(
                        FeaturesCommand.Action.UPGRADE, List.of("group.version=1", "transaction.version = 2")))
                .containsExactly(entry("group.version", (short) 1), entry("transaction.version", (short) 2));
        assertThat(FeaturesCommand.levels(FeaturesCommand.Action.DISABLE, List.of("group.version")))
                .containsExactly(entry("group.version", (short) 0));
        assertThatThrownBy(() -> FeaturesCommand.levels(FeaturesCommand.Action.UPGRADE, List.of("a=40000")))
                .isInstanceOf(ToolFailure.class);
    }
}

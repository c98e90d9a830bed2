package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The JSON files of reassign and leader-election. */
class ReassignmentFileTest {
    @Test
    @DisplayName(
            "Kafka's reassignment file, with or without version and log directories, is read and written (REPL-28)")
    void readsAndWrites() throws Exception {
        var wanted = ReassignmentFile.parse("""
                {"version":1,"partitions":[
                  {"topic":"b","partition":1,"replicas":[3,1],"log_dirs":["any","any"]},
                  {"topic":"a","partition":0,"replicas":[2]}]}""");

        assertThat(wanted)
                .containsExactly(
                        entry(new TopicPartition("a", 0), List.of(2)),
                        entry(new TopicPartition("b", 1), List.of(3, 1)));
        String written = ToolCommand.Json.MAPPER.writeValueAsString(ReassignmentFile.tree(wanted));
        assertThat(written)
                .isEqualTo("{\"version\":1,\"partitions\":["
                        + "{\"topic\":\"a\",\"partition\":0,\"replicas\":[2],\"log_dirs\":[\"any\"]},"
                        + "{\"topic\":\"b\",\"partition\":1,\"replicas\":[3,1],\"log_dirs\":[\"any\",\"any\"]}]}");
        assertThat(ReassignmentFile.parse(written)).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense | not a valid JSON",
                "[] | not a valid JSON object",
                "{'version':2,'partitions':[]} | version field value 2",
                "{'version':1} | no list \"partitions\"",
                "{'partitions':[]} | cannot be empty",
                "{'partitions':[{'topic':'t','partition':0}]} | no list \"replicas\"",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[]}]} | cannot be empty: t-0",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[1,2,1]}]} | t-0 contains multiple entries for 1",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[-1]}]} | -1 is no broker id",
                "{'partitions':[{'topic':'t','partition':0,'replicas':['1']}]} | is no broker id",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[1],'log_dirs':['any','any']}]} | different from size",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[1],'log_dirs':['/data']}]} | cannot be chosen",
                "{'partitions':[{'topic':'t','partition':'0','replicas':[1]}]} | number of a partition",
                "{'partitions':[{'partition':0,'replicas':[1]}]} | needs a topic",
                "{'partitions':[{'topic':'t','partition':0,'replicas':[1]},{'topic':'t','partition':0,'replicas':[2]}]}"
                        + " | duplicate topic partitions: t-0"
            })
    @DisplayName("a file that is wrong is refused with what is wrong (REPL-29)")
    void refusesWhatIsWrong(String json, String why) {
        assertThatThrownBy(() -> ReassignmentFile.parse(json.replace('\'', '"')))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining(why);
    }

    @Test
    @DisplayName("topics to move, and partitions to elect leaders of, are named once each")
    void listsOfTopicsAndPartitions() {
        assertThat(ReassignmentFile.parseTopics("{\"version\":1,\"topics\":[{\"topic\":\"a\"},{\"topic\":\"b\"}]}"))
                .containsExactly("a", "b");
        assertThat(ReassignmentFile.parsePartitions("{\"partitions\":[{\"topic\":\"a\",\"partition\":1}]}"))
                .containsExactly(new TopicPartition("a", 1));
        for (String mistake : List.of("{}", "{\"topics\":[]}", "{\"topics\":[{\"topic\":\"a\"},{\"topic\":\"a\"}]}")) {
            assertThatThrownBy(() -> ReassignmentFile.parseTopics(mistake)).isInstanceOf(ToolFailure.class);
        }
        String one = "{\"topic\":\"a\",\"partition\":1}";
        for (String mistake : List.of("{}", "{\"partitions\":[]}", "{\"partitions\":[" + one + "," + one + "]}")) {
            assertThatThrownBy(() -> ReassignmentFile.parsePartitions(mistake)).isInstanceOf(ToolFailure.class);
        }
    }

    @Test
    @DisplayName("a list of brokers is numbers with commas, each once")
    void brokerLists() {
        assertThat(BrokerIds.parse("--broker", "3, 1")).isEqualTo(Set.of(1, 3));
        for (String mistake : List.of("", "a", "1,", "1,1", "-1")) {
            assertThatThrownBy(() -> BrokerIds.parse("--broker", mistake))
                    .as(mistake)
                    .isInstanceOf(ToolFailure.class);
        }
    }
}

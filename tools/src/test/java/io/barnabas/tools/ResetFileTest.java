package io.barnabas.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResetFileTest {
    private static final TopicPartition T2 = new TopicPartition("t", 2);

    @Test
    @DisplayName("one group: topic,partition,offset; several: the group comes first")
    void forms() {
        assertThat(ResetFile.parse(List.of("t,2,30", "", " u , 0 , 7 "), List.of("g")))
                .isEqualTo(Map.of("g", Map.of(T2, 30L, new TopicPartition("u", 0), 7L)));
        assertThat(ResetFile.parse(List.of("g,t,2,30", "\"h\",\"t\",2,31"), List.of("g", "h")))
                .isEqualTo(Map.of("g", Map.of(T2, 30L), "h", Map.of(T2, 31L)));
    }

    @Test
    @DisplayName("what --export writes is what --from-file reads, whatever the name of the group")
    void roundTrip() {
        for (String group : List.of("g", "a,b", "say \"hi\"", " spaced ", "colon:1")) {
            String line = ResetFile.line(group, T2, 5);

            assertThat(ResetFile.parse(List.of(line), List.of(group, "other")))
                    .as(line)
                    .isEqualTo(Map.of(group, Map.of(T2, 5L)));
        }
        assertThat(ResetFile.line(null, T2, 5)).isEqualTo("t,2,5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"t", "t,x,1", "t,0,x", "t,-1,3", "g,t,0,1,2", "stranger,t,0,1", "t,99999999999,1"})
    @DisplayName("a line that is not of the form, or of a group not asked for, is refused with its number")
    void mistakes(String line) {
        assertThatThrownBy(() -> ResetFile.parse(List.of("t,5,1", line), List.of("g")))
                .isInstanceOf(ToolFailure.class)
                .hasMessageContaining("line 2");
    }

    @Test
    @DisplayName("a line without group is ambiguous among several; a partition comes once; a file has to be there")
    void ambiguities() {
        assertThatThrownBy(() -> ResetFile.parse(List.of("t,0,1"), List.of("g", "h")))
                .hasMessageContaining("group,topic,partition,offset");
        assertThatThrownBy(() -> ResetFile.parse(List.of("t,0,1", "t,0,2"), List.of("g")))
                .hasMessageContaining("twice");
        assertThatThrownBy(() -> ResetFile.read("no-such-file", List.of("g"))).hasMessageContaining("no-such-file");
    }
}

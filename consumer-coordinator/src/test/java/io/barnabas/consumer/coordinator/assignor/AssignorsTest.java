package io.barnabas.consumer.coordinator.assignor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AssignorsTest {
    @Test
    @DisplayName(
            "(GROUP-34) the first of group.consumer.assignors is the standard one; what is not listed is not there")
    void orderIsPreference() {
        Assignors assignors = Assignors.of(List.of("range"));

        assertThat(assignors.standard().name()).isEqualTo("range");
        assertThat(assignors.find("uniform")).isNull();
        assertThat(Assignors.of(List.of("uniform", "range")).names()).containsExactly("uniform", "range");
    }

    @Test
    @DisplayName("Kafka's class names of both mean ours")
    void classNamesOfKafkaAreKnown() {
        assertThat(Assignors.of(List.of(
                                org.apache.kafka.coordinator.group.assignor.UniformAssignor.class.getName(),
                                org.apache.kafka.coordinator.group.assignor.RangeAssignor.class.getName()))
                        .names())
                .containsExactly("uniform", "range");
    }

    @Test
    @DisplayName("other classes, no assignor and one given twice are refused with a sentence")
    void mistakesAreRefused() {
        assertThatThrownBy(() -> Assignors.of(List.of("com.example.Mine")))
                .hasMessage(
                        "there is no assignor 'com.example.Mine'; there are uniform and range, classes cannot be loaded");
        assertThatThrownBy(() -> Assignors.of(List.of())).hasMessageStartingWith("at least one assignor");
        assertThatThrownBy(() -> Assignors.of(List.of("range", "range")))
                .hasMessage("the assignor 'range' is given twice");
    }
}
